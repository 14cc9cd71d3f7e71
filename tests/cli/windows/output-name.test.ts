import { expect, test } from 'vitest';
import { windowsNameFault } from '../../../packages/cli/src/output/output-name.js';

// The names of Microsoft's "Naming Files, Paths, and Namespaces".
test.each([
  'con',
  'CON',
  'aux.txt',
  'NUL',
  'C:\\out\\prn',
  'com1',
  'lpt9.raw',
  'COM².txt',
  'conout$',
  'sub/aux.tar.gz',
])('%s names a device in Windows', (path) => {
  expect(windowsNameFault(path)).toBe('device');
});

test.each(['out.raw:stream', 'C:\\out\\disk.raw:s', 'a:b:c', 'C:folder:x\\out'])('%s names a stream', (path) => {
  expect(windowsNameFault(path)).toBe('stream');
});

test.each(['out.', 'out ', 'C:\\x\\out.raw..', 'out. '])('%s would lose its end', (path) => {
  expect(windowsNameFault(path)).toBe('end');
});

test.each([
  'out.raw',
  'C:\\out\\disk.raw',
  'C:out',
  '..',
  'console',
  'com10',
  'com0.txt',
  'auxiliary.txt',
  '.hidden',
  '\\\\.\\PhysicalDrive1',
  '\\\\?\\C:\\x.raw',
  '\\\\server\\share\\out.raw',
])('%s is a proper name', (path) => {
  expect(windowsNameFault(path)).toBeUndefined();
});
