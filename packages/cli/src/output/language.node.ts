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

/**
 * The language that was asked for: `--lang`, else DEADBOX_LANG, else what the configuration file says, else the locale
 * of the user.
 * @param configured - of the configuration file
 */
export function languageFor(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  configured: string | undefined,
): LanguageCode {
  const { DEADBOX_LANG = '' } = environment;
  // A language that there is not is refused, in the next one that was asked for.
  for (const asked of [languageOption(argv), DEADBOX_LANG, configured])
    if (asked !== undefined && CODES[asked.toLowerCase()] !== undefined) return CODES[asked.toLowerCase()];
  return codeOfLocale(environment);
}

/** @throws UsageError when a language was asked for that there are no words for */
export async function checkLanguage(
  argv: readonly string[],
  environment: NodeJS.ProcessEnv,
  configured: string | undefined,
): Promise<void> {
  const language = askedLanguage(argv, environment, configured);
  if (language === '' || CODES[language.toLowerCase()] !== undefined) return;
  const { closest } = await import('../closest.js');
  throw usageError('language-unknown', { language, meant: closest(language, Object.keys(CODES)) ?? null });
}

function askedLanguage(argv: readonly string[], environment: NodeJS.ProcessEnv, configured = ''): string {
  const { DEADBOX_LANG = '' } = environment;
  return languageOption(argv) ?? (DEADBOX_LANG === '' ? configured : DEADBOX_LANG);
}

/** The value of `--lang`, wherever it stands: errors of the command line are said in it, too. */
function languageOption(argv: readonly string[]): string | undefined {
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
