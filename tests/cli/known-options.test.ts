import {
  type Disk,
  httpSiblings,
  type ImageReport,
  MemorySource,
  openDisk,
  openHttp,
  renderScanImage,
  scanDisk,
  verifyImage,
} from 'deadbox';
import { fileSiblings, openFile, openPath } from 'deadbox/node';
import { describe, expect, test } from 'vitest';

/** As JavaScript calls it, where no compiler looks at the names. */
const given = (options: object): Record<string, never> => options as Record<string, never>;
const source = new MemorySource(new Uint8Array(4096));
const disk = {} as Disk;

describe('an option that a function of the library does not have', () => {
  test.each<[string, () => unknown, string]>([
    ['openDisk', () => openDisk(source, given({ nam: 'x' })), 'openDisk has no option "nam"; did you mean "name"?'],
    ['openPath', () => openPath('none', given({ forcechain: true })), 'did you mean "forceChain"?'],
    ['openFile', () => openFile('none', given({ onlyfile: true })), 'did you mean "onlyFiles"?'],
    ['fileSiblings', () => fileSiblings('none', given({ output: [] })), 'did you mean "outputs"?'],
    ['scanDisk', () => scanDisk(disk, given({ includeold: true })), 'did you mean "includeOld"?'],
    ['scanDisk', () => scanDisk(disk, given({ quik: true })), 'there are: signal, mode, rules,'],
    ['scanDisk', () => scanDisk(disk, given({ mode: 'quik' })), 'scanDisk has no mode "quik"; did you mean "quick"?'],
    ['scanDisk', () => scanDisk(disk, given({ constructor: 1 })), 'scanDisk has no option "constructor"'],
    ['verifyImage', () => verifyImage(disk.image, given({ onprogress: () => 0 })), 'did you mean "onProgress"?'],
    ['openHttp', () => openHttp('http://localhost/', given({ header: {} })), 'did you mean "headers"?'],
    ['httpSiblings', () => httpSiblings('http://localhost/', given({ retries: 3 })), 'httpSiblings has no option'],
    ['renderScanImage', () => renderScanImage({} as ImageReport, given({ widht: 80 })), 'did you mean "width"?'],
  ])('is refused by %s before it does anything', async (_, call, message) => {
    const error: unknown = await Promise.resolve()
      .then(call)
      .catch((cause: unknown) => cause);
    expect(error).toBeInstanceOf(TypeError);
    expect((error as TypeError).message).toContain(message);
  });

  test('is not one that is left undefined', async () => {
    const opened = await openDisk(source, given({ name: undefined, signal: undefined }));
    expect((await scanDisk(opened, given({ mode: undefined }))).verdict).toBe('unreadable');
    await opened.close();
  });
});
