import { defined, type FileTree, type ReadOptions } from '@deadbox/core';
import { MAX_LOG_FINDINGS } from '../limits.js';
import { readLogTail } from './log-tail.js';

/** One section of the log of device installations. */
export interface DeviceInstallation {
  /** What was done, as logged: `Device Install (Hardware initiated) - PCI\VEN_1AF4&DEV_1001…`. */
  readonly title: string;
  /** Local time of the machine as logged, `2024-07-18 20:00:12`. */
  readonly time: string;
  /** `SUCCESS`, or `FAILURE(0x…)`; absent where the section was not finished. */
  readonly status?: string;
}

/** The newest sections of `INF\setupapi.dev.log`, oldest first. Its times are the machine's local ones. */
export interface DeviceLog {
  readonly path: string;
  readonly installations: readonly DeviceInstallation[];
}

/** Understands the lines of a log of device installations (Microsoft, "Format of a Text Log Section"). */
export function parseDeviceLines(lines: readonly string[]): DeviceInstallation[] {
  const found: DeviceInstallation[] = [];
  let title: string | undefined;
  let open: DeviceInstallation | undefined;
  const close = (status: string | undefined): void => {
    if (open !== undefined) found.push({ ...open, ...defined({ status }) });
    open = undefined;
  };
  for (const line of lines) {
    const start = /^>>>\s+Section start (\d{4})\/(\d\d)\/(\d\d) (\d\d:\d\d:\d\d)/.exec(line);
    const heading = /^>>>\s+\[(.{1,512})\]\s*$/.exec(line);
    const exit = /^<<<\s+\[Exit status: ([^\]]{1,64})\]/.exec(line);
    if (heading !== null) {
      close(undefined);
      title = heading[1];
    } else if (start !== null && title !== undefined) {
      open = { title, time: `${start[1]}-${start[2]}-${start[3]} ${start[4]}` };
      title = undefined;
    } else if (exit !== null) close(exit[1]);
  }
  close(undefined);
  return found.slice(-MAX_LOG_FINDINGS);
}

/** Reads the end of the log of device installations. @param root - the Windows folder, e.g. `/Windows` */
export async function readDeviceLog(
  tree: FileTree,
  root: string,
  options?: ReadOptions,
): Promise<DeviceLog | undefined> {
  const tail = await readLogTail(tree, `${root}/INF/setupapi.dev.log`, options);
  return tail === undefined ? undefined : { path: tail.path, installations: parseDeviceLines(tail.lines) };
}
