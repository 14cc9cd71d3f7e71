import { type FileStamp, stampOf } from '../input/in-use/image-hints.node.js';
import { stateOf } from '../mounts/mounted-devices.node.js';

/**
 * Whether the report of an image still holds: every file that was read is as it was. What has neither size nor time (a
 * device, a web address) is judged again: nothing tells that it did not change.
 */
export function stillHolds(files: readonly FileStamp[]): boolean {
  return files.length > 0 && files.every(isUnchanged);
}

function isUnchanged({ path, size, mtime }: FileStamp): boolean {
  const stats = stateOf(path);
  if (stats === undefined) return false;
  const now = stampOf(path, stats);
  return now.size === size && now.mtime === mtime;
}
