import { type Command, Option } from 'commander';
import { OPTIONS } from '../settings/option-table.js';
import type { Settings } from '../settings/settings.js';
import type { VerbSpec } from './verb-table.node.js';

/** Puts the user's defaults where the call gave nothing. */
export function applySettings(command: Command, spec: VerbSpec, { given }: Settings): void {
  for (const { setting, value } of given.values()) {
    const id = setting.options.find((option) => spec.options.includes(option));
    if (id === undefined) continue;
    const option = new Option(OPTIONS[id].flags);
    const name = option.attributeName();
    if (command.getOptionValueSource(name) === 'cli') continue;
    // A quick scan reads too little for it; whoever asks for one does not mean the default.
    if (id === 'target' && command.getOptionValue('quick') === true) continue;
    command.setOptionValueWithSource(name, option.negate ? value !== true : value, 'config');
  }
}
