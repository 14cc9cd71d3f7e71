import { homedir } from 'node:os';
import { join, sep } from 'node:path';

/**
 * Where the configuration file is looked for: DEADBOX_CONFIG, else in the folder that the system has for such files.
 * @param home - asks the system for the user's folder
 */
export function configPath(environment: NodeJS.ProcessEnv, home: () => string = homedir): string {
  const named = environment.DEADBOX_CONFIG ?? '';
  if (named !== '') return named;
  const { APPDATA = '', XDG_CONFIG_HOME = '' } = environment;
  const folder = process.platform === 'win32' ? APPDATA : XDG_CONFIG_HOME;
  return join(folder === '' ? join(homeOr(home), '.config') : folder, 'deadbox', 'config.json');
}

/**
 * A rescue system or a container may know nothing of its user; there the root serves as home, as containers have it.
 */
function homeOr(home: () => string): string {
  try {
    return home();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error;
    return sep;
  }
}
