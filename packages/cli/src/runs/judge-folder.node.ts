import { defined, monotonicMilliseconds } from '@deadbox/core';
import { FolderTree } from '@deadbox/core/node';
import type { ImageReport, Rule } from '@deadbox/triage';
import { scanFolder } from '@deadbox/triage/folder';
import { ReadCounter } from '../input/read-counter.js';
import { behindFolder } from '../mounts/volume-folder.node.js';

/** Judges the Windows in the folder at `path` by its files: the disk behind it cannot be read. */
export async function judgeFolder(
  path: string,
  { mode, rules, signal }: { mode: 'quick' | 'full'; rules: readonly Rule[]; signal: AbortSignal },
): Promise<ImageReport> {
  const started = monotonicMilliseconds();
  const counting = new ReadCounter();
  const behind = behindFolder(path);
  const { reason, device } = behind.kind === 'files' ? behind : { reason: 'no-device' as const, device: undefined };
  const tree = FolderTree.open(path, (source) => counting.count(source));
  try {
    const report = await scanFolder(tree, { path, reason, ...defined({ device }), mode, rules, signal });
    const { reads, bytes } = counting;
    const milliseconds = Math.round((monotonicMilliseconds() - started) * 10) / 10;
    return { ...report, cost: { reads, bytes, milliseconds } };
  } finally {
    await tree.close();
  }
}
