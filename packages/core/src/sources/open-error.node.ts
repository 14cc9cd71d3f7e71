import { DeadboxError } from '../errors.js';

const STOP = 'Stop the virtual machine, or copy or snapshot the disk first.';

/**
 * The typed error for a path that could not be opened, with what to do about it.
 * @param access - what it was opened for
 */
export function openError(path: string, cause: unknown, access: 'read' | 'write' = 'read'): DeadboxError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  const writing = access === 'write';
  const facts = { data: { path, system: code, ...(writing ? { access } : {}) }, cause };
  switch (code) {
    case 'ENOENT':
    case 'ENOTDIR':
    case 'ENXIO':
      return new DeadboxError('SOURCE_NOT_FOUND', `${path} does not exist`, facts);
    case 'EACCES':
    case 'EPERM':
      return new DeadboxError(
        'SOURCE_DENIED',
        `${path} may not be ${writing ? 'written' : 'read'} by this user. ${adviceFor(path)}`,
        facts,
      );
    case 'EBUSY':
      return new DeadboxError('SOURCE_DENIED', `${path} is in use by another program. ${STOP}`, facts);
    default:
      return new DeadboxError('SOURCE_NOT_READABLE', `${path} could not be opened: ${(cause as Error).message}`, facts);
  }
}

function adviceFor(path: string): string {
  if (path.startsWith('\\\\.\\')) return 'Raw disks need a terminal that was started as administrator.';
  if (path.startsWith('/dev/'))
    return 'Raw disks need root: run the command with sudo, or join the group that owns the device (often "disk").';
  return 'Check the permissions of the file, or run the command as its owner.';
}
