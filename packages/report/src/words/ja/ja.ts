import type { Language } from '../language.js';
import { runs } from '../runs/ja.js';
import { boot } from './boot.js';
import { disk } from './disk.js';
import { encryption } from './encryption.js';
import { errors } from './errors.js';
import { common } from './everyday.js';
import { files } from './files.js';
import { hives } from './hives.js';
import { figures } from './html/figures.js';
import { html } from './html/html.js';
import { servers } from './html/servers.js';
import { issues } from './issues.js';
import { notices } from './notices.js';
import { obstacles } from './obstacles.js';
import { repair } from './repair.js';
import { scan } from './scan.js';
import { start } from './start.js';
import { steps } from './steps.js';
import { timeline } from './timeline.js';
import { verify } from './verify.js';

/** Every word in Japanese. */
export const ja: Language = {
  code: 'ja',
  common,
  disk,
  encryption,
  scan,
  servers,
  start,
  steps,
  obstacles,
  boot,
  hives,
  html,
  figures,
  files,
  errors,
  issues,
  notices,
  repair,
  runs,
  timeline,
  verify,
};
