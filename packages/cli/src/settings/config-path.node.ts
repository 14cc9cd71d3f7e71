import { homedir } from 'node:os';
import { join } from 'node:path';

/**
 * Where the configuration file is looked for: DEADBOX_CONFIG, else in the folder that the system has for such files.
 */
export function configPath(environment: NodeJS.ProcessEnv): string {
  const named = environment.DEADBOX_CONFIG ?? '';
  if (named !== '') return named;
  const { APPDATA = '', XDG_CONFIG_HOME = '' } = environment;
  const folder = process.platform === 'win32' ? APPDATA : XDG_CONFIG_HOME;
  return join(folder === '' ? join(homedir(), '.config') : folder, 'deadbox', 'config.json');
}
