import type { Language } from '@deadbox/report';
import type { CauseWords, WalkWords } from '@deadbox/report/internals';

export type LanguageCode = 'en' | 'ja';

/** Words of the report in one language. */
export interface ReportWords {
  readonly language: Language;
  readonly causes: CauseWords;
}

/** Loads the words of the report: one language at a time. */
export async function reportWords(code: LanguageCode): Promise<ReportWords> {
  return code === 'en' ? (await import('./report-en.js')).words : (await import('./report-ja.js')).words;
}

/** Loads the words of the walk. */
export async function walkWords(code: LanguageCode): Promise<WalkWords> {
  return code === 'en'
    ? (await import('@deadbox/report/walk/en')).walk
    : (await import('@deadbox/report/walk/ja')).walk;
}
