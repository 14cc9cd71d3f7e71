import { causes } from '@deadbox/report/causes/en';
import { en as language } from '@deadbox/report/en';
import type { ReportWords } from './vocabulary.js';

export const words: ReportWords = { language, causes };
