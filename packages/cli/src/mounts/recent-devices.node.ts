import { monotonicMilliseconds } from '@deadbox/core';
import { type LoopDevice, loopDevices, type Mount, readText, readWriteMounts } from './mounted-devices.node.js';

/** Milliseconds for which images share what was read. */
const FRESH = 250;

/** What is mounted or stands behind a loop device. */
export interface DevicesInUse {
  readonly mounts: readonly Mount[];
  readonly loops: readonly LoopDevice[];
}

/** Mounts and loop devices for the images of a run, one after the other: read anew when they are older than 250 ms. */
export class RecentDevices {
  #known: DevicesInUse | undefined;
  #readAt = 0;

  read(): DevicesInUse {
    const now = monotonicMilliseconds();
    if (this.#known !== undefined && now - this.#readAt < FRESH) return this.#known;
    this.#readAt = now;
    this.#known = { mounts: readWriteMounts(readText('/proc/self/mountinfo')), loops: loopDevices() };
    return this.#known;
  }
}
