import type { Json, ReadOptions } from '@deadbox/core';
import type { CheckedFile } from './file-state.js';
import type { InstallationSubject } from './installation-subject.js';

/** Copies that Windows keeps of the files it needs to start; their names end with the file's name and a hash. */
const BACKUP = 'WinSxS/Backup';

/**
 * Where another copy of a bad file lies, as `copy`: among the backups of the component store, else in the Windows
 * before an upgrade. The file of the same name elsewhere in the store is mostly the same file under another name, and
 * damaged with it.
 */
export async function copyOf(
  subject: InstallationSubject,
  { path, data }: CheckedFile,
  options: ReadOptions,
): Promise<Readonly<Record<string, Json>>> {
  for (const candidate of [...(await backupsOf(subject, path, options)), `/Windows.old${path}`]) {
    const copy = await subject.files.check(candidate, 'plain', options);
    if (copy.state === 'good' && copy.data.record !== data.record) return { copy: copy.path };
  }
  return {};
}

/** The backups of a file, the newest version first. */
async function backupsOf(subject: InstallationSubject, path: string, options: ReadOptions): Promise<readonly string[]> {
  const folder = `${subject.root}/${BACKUP}`;
  const listed = await subject.files.list(folder, options);
  const name = `_${path.slice(path.lastIndexOf('/') + 1).toUpperCase()}_`;
  return [...(listed?.names ?? [])]
    .filter(([stored]) => stored.includes(name))
    .map(([, entry]) => `${folder}/${entry.name}`)
    .toSorted((left, right) => right.localeCompare(left, 'en', { numeric: true }))
    .slice(0, MOST_LOOKED_AT);
}

const MOST_LOOKED_AT = 4;
