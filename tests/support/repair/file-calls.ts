import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

/** Calls of `node:fs` that a test answers itself. */
export type FileCalls = Partial<Record<keyof typeof fs, (...args: never[]) => unknown>>;

/** The calls as they are, for an answer of one's own to go on with. */
export const plainCalls: Readonly<typeof fs> = { ...fs };

/** Runs `work` while the operating system answers these calls of `node:fs` as `calls` has it. */
export function withFileCalls<T>(calls: FileCalls, work: () => T): T {
  const restore = replaceCalls(calls);
  try {
    return work();
  } finally {
    restore();
  }
}

/** As {@link withFileCalls}, for what takes its time; nothing else may use files meanwhile. */
export async function whileFileCalls<T>(calls: FileCalls, work: () => Promise<T>): Promise<T> {
  const restore = replaceCalls(calls);
  try {
    return await work();
  } finally {
    restore();
  }
}

function replaceCalls(calls: FileCalls): () => void {
  const replaced = Object.fromEntries(Object.keys(calls).map((name) => [name, fs[name as keyof typeof fs]]));
  Object.assign(fs, calls);
  syncBuiltinESMExports();
  return () => {
    Object.assign(fs, replaced);
    syncBuiltinESMExports();
  };
}

/** Runs `work` as if the process ran on another system. */
export function onPlatform<T>(platform: NodeJS.Platform, work: () => T): T {
  const own = process.platform;
  Object.defineProperty(process, 'platform', { value: platform });
  try {
    return work();
  } finally {
    Object.defineProperty(process, 'platform', { value: own });
  }
}

/** The error of a call of the system. */
export function systemError(code: string): Error {
  return Object.assign(new Error(`${code}: the system says no`), { code });
}
