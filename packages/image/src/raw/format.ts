import type { ImageFormat } from '../image-format.js';

/** What every source is when no other format recognises it. */
const FALLBACK = 0.01;

/** Raw disks: the bytes as they are, of one file or device, or of numbered parts. */
export const rawFormat: ImageFormat = {
  id: 'raw',
  label: 'raw disk',
  storesVerbatim: true,
  readsAroundBadEnds: true,
  extensions: ['raw', 'img', 'dd', 'bin', '001'],
  qemuDrivers: ['raw', 'file', 'host_device'],
  probe(): number {
    return FALLBACK;
  },
  async open(source, context) {
    const { openRaw } = await import('./open.js');
    return openRaw(source, context);
  },
};
