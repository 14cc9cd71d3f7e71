import { expect, test, vi } from 'vitest';
import { RecentDevices } from '../../../packages/cli/src/mounts/recent-devices.node.js';

test('images in a row share what was read of mounts and loop devices, for a quarter of a second', () => {
  const now = vi.spyOn(performance, 'now').mockReturnValue(1000);
  const devices = new RecentDevices();
  const first = devices.read();
  now.mockReturnValue(1249);
  expect(devices.read()).toBe(first);
  now.mockReturnValue(1251);
  expect(devices.read()).not.toBe(first);
  now.mockRestore();
});
