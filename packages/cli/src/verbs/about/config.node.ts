import { availableParallelism } from 'node:os';
import { type ConfigReport, configPage, type ShownSetting } from '@deadbox/report/internals';
import { EXIT } from '../../exit-code.js';
import type { Session } from '../../input/session.node.js';
import type { CommonOptions } from '../../options.js';
import { loadHelpWords } from '../../output/language.node.js';
import { withOutput } from '../../output/output.node.js';
import { writerFor, zoneFor } from '../../output/show.node.js';
import { type Setting, settingTable } from '../../settings/defaults.js';
import { OPTIONS } from '../../settings/option-table.js';
import { readSettings } from '../../settings/read-settings.node.js';

/** Shows every default: its value, and where it comes from. */
export async function configVerb(options: CommonOptions, session: Session): Promise<number> {
  const { path, fileFound, given } = await readSettings(process.env);
  const settings = settingTable().map((setting): ShownSetting => {
    const { key, variable } = setting;
    const set = given.get(key);
    if (set === undefined) return { key, variable, value: builtIn(setting, session), from: 'built-in', line: null };
    const { value, origin } = set;
    return origin.kind === 'variable'
      ? { key, variable, value, from: 'variable', line: null }
      : { key, variable, value, from: 'file', line: origin.line };
  });
  const report: ConfigReport = { schema: 'deadbox.config/1', file: { path, exists: fileFound }, settings };
  const words = await loadHelpWords(session.language.code);
  await withOutput(session.output(options), (output) => {
    if (options.json === true || options.ndjson === true) output.writeJson(report, options.ndjson === true);
    else output.write(writerFor(options, output)(configPage(report, words)));
  });
  return EXIT.ok;
}

/** What holds where nothing is set. */
function builtIn({ key, options: [option] }: Setting, session: Session): ShownSetting['value'] {
  if (key === 'lang') return session.language.code;
  if (key === 'time-zone') return zoneFor({}).zone?.name ?? null;
  if (key === 'jobs') return availableParallelism();
  const { value, preset } = OPTIONS[option];
  return preset ?? (value === 'none' ? false : null);
}
