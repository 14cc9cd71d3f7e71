/**
 * Stands for the judge of images in a worker: one image eats all memory, one ends its thread, one makes deadbox fail.
 */
export async function judgeTask({ index, target }) {
  if (target.path.endsWith('greedy.img')) {
    const kept = [];
    for (;;) kept.push(Array.from({ length: 1 << 16 }, (_, i) => ({ i })));
  }
  if (target.path.endsWith('failing.img')) throw new TypeError('a mistake of deadbox');
  return { report: { index, outline: { path: target.path }, packed: new Uint8Array() }, files: [], said: [] };
}
