import type { CheckedFile } from '../subject/file-state.js';

/** The files, those `wrong-machine` that are made for another processor than most of them. */
export function markOddMachines(files: readonly CheckedFile[]): CheckedFile[] {
  const usual = usualMachine(files);
  return files.map((file) => {
    const { machine } = file.data;
    if (file.state !== 'good' || usual === undefined || typeof machine !== 'number' || machine === usual) return file;
    return {
      ...file,
      state: 'wrong-machine',
      data: { ...file.data, usualMachine: usual },
      evidence: (options) => file.evidence(options),
    };
  });
}

/** The processor that most of the files are made for; `undefined` unless more than half of those that tell agree. */
function usualMachine(files: readonly CheckedFile[]): number | undefined {
  const counts = new Map<number, number>();
  let all = 0;
  for (const { data } of files) {
    if (typeof data.machine !== 'number') continue;
    counts.set(data.machine, (counts.get(data.machine) ?? 0) + 1);
    all += 1;
  }
  for (const [machine, count] of counts) if (count * 2 > all) return machine;
  return undefined;
}
