import { causes } from '@deadbox/report/causes/ja';
import { ja as language } from '@deadbox/report/ja';
import type { ReportWords } from './vocabulary.js';

export const words: ReportWords = { language, causes };
