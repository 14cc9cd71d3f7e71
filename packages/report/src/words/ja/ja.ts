import { en } from '../en/en.js';
import type { Language } from '../language.js';

/** Every word in Japanese. */
export const ja: Language = { ...en, code: 'ja' };
