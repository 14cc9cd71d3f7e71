import { type Language, type LanguageCode, type PageOptions } from '@deadbox/report';
import { en } from '@deadbox/report/en';
import type { HelpWords } from '@deadbox/report/internals';
import { usageError } from '../exit-code.js';

const CODES: Readonly<Record<string, LanguageCode>> = { en: 'en', ja: 'ja' };

/** The words of a language; those that are not needed are not loaded. */
export async function loadLanguage(code: LanguageCode): Promise<Language> {
  return code === 'ja' ? (await import('@deadbox/report/ja')).ja : en;
}

/** The words of the causes in a language, which only a scan of the boot chain shows. */
export async function loadCauseWords(code: LanguageCode): Promise<NonNullable<PageOptions['causes']>> {
  return (code === 'ja' ? await import('@deadbox/report/causes/ja') : await import('@deadbox/report/causes/en')).causes;
}

/** The words of help in a language. */
export async function loadHelpWords(code: LanguageCode): Promise<HelpWords> {
  return (code === 'ja' ? await import('@deadbox/report/help/ja') : await import('@deadbox/report/help/en')).help;
}

/** The language that was asked for: `--lang`, else DEADBOX_LANG, else the locale of the user. */
export function languageFor(argv: readonly string[], environment: NodeJS.ProcessEnv): LanguageCode {
  const asked = askedLanguage(argv) ?? environment.DEADBOX_LANG;
  if (asked !== undefined && asked !== '') return CODES[asked.toLowerCase()] ?? codeOfLocale(environment);
  return codeOfLocale(environment);
}

/** @throws UsageError when `--lang` or DEADBOX_LANG names a language that there are no words for */
export function checkLanguage(argv: readonly string[], environment: NodeJS.ProcessEnv): void {
  const asked = askedLanguage(argv) ?? environment.DEADBOX_LANG ?? '';
  if (asked !== '' && CODES[asked.toLowerCase()] === undefined)
    throw usageError('language-unknown', { language: asked });
}

/** The value of `--lang`, wherever it stands: errors of the command line are said in it, too. */
function askedLanguage(argv: readonly string[]): string | undefined {
  const end = argv.includes('--') ? argv.indexOf('--') : argv.length;
  for (const [index, argument] of argv.slice(0, end).entries()) {
    if (argument === '--lang') return argv[index + 1];
    if (argument.startsWith('--lang=')) return argument.slice('--lang='.length);
  }
  return undefined;
}

function codeOfLocale(environment: NodeJS.ProcessEnv): LanguageCode {
  const { LC_ALL, LC_MESSAGES, LANG } = environment;
  const locale = [LC_ALL, LC_MESSAGES, LANG].find((value) => value !== undefined && value !== '');
  // Windows sets none of them.
  const name = locale ?? (process.platform === 'win32' ? Intl.DateTimeFormat().resolvedOptions().locale : 'en');
  return /^ja(?![a-z])/i.test(name) ? 'ja' : 'en';
}
