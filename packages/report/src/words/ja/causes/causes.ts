import type { CauseWords } from '../../cause-words.js';
import { bootManager } from './boot-manager.js';
import { crash } from './crash.js';
import { data } from './data.js';
import { firmware } from './firmware.js';
import { image } from './image.js';
import { kernel } from './kernel.js';
import { loader } from './loader.js';
import { logon } from './logon.js';
import { session } from './session.js';

/** Every cause in Japanese. */
export const causes: CauseWords = {
  ...image,
  ...firmware,
  ...bootManager,
  ...loader,
  ...kernel,
  ...crash,
  ...session,
  ...logon,
  ...data,
};

export { undecided } from './undecided.js';
