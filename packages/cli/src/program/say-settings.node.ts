import type { Session } from '../input/session.node.js';
import { loadHelpWords } from '../output/language.node.js';
import { originText, type Settings } from '../settings/settings.js';
import type { VerbSpec } from './verb-table.node.js';

/** Says which of the user's defaults concern the verb. */
export async function saySettings({ given }: Settings, { options }: VerbSpec, session: Session): Promise<void> {
  const { verbose } = await loadHelpWords(session.language.code);
  for (const { setting, value, origin } of given.values())
    if (setting.options.some((option) => options.includes(option)))
      session.say(verbose.setting(setting.key, String(value), originText(origin)));
}
