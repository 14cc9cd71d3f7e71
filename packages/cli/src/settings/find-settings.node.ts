import { existsSync } from 'node:fs';
import { configPath } from './config-path.node.js';
import type { Settings } from './settings.js';

/**
 * The user's defaults; `undefined` where nothing sets any. What reads them is loaded only then.
 * @throws SettingError when the file cannot be read, or something in it or in a variable cannot be followed
 */
export async function findSettings(environment: NodeJS.ProcessEnv): Promise<Settings | undefined> {
  const isNamed = Object.keys(environment).some((name) => name.startsWith('DEADBOX_'));
  if (!isNamed && !existsSync(configPath(environment))) return undefined;
  return (await import('./read-settings.node.js')).readSettings(environment);
}
