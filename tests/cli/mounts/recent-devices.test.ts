import { expect, test, vi } from 'vitest';
import { RecentDevices } from '../../../packages/cli/src/mounts/recent-devices.node.js';

test('images in a row share what was read of mounts and loop devices, for a quarter of a second', () => {
  const now = vi.spyOn(process, 'hrtime').mockReturnValue([1, 0]);
  const devices = new RecentDevices();
  const first = devices.read();
  now.mockReturnValue([1, 249e6]);
  expect(devices.read()).toBe(first);
  now.mockReturnValue([1, 251e6]);
  expect(devices.read()).not.toBe(first);
  now.mockRestore();
});
