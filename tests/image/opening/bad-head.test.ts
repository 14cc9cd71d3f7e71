import { MemorySource } from '@deadbox/core';
import { openImage } from '@deadbox/image';
import { expect, test } from 'vitest';
import { withBadPlaces } from '../../support/encryption/failing-source.js';
import { errorOf } from '../../support/image/memory-files.js';
import { qcow2Header } from '../../support/image/newer-links.js';

test('a format that needs all of its head is not opened where the medium refuses some of it', async () => {
  const worn = withBadPlaces(new MemorySource(qcow2Header('')), [{ offset: 1024, length: 512 }]);
  expect(await errorOf(openImage(worn, { name: 'srv.qcow2' }))).toMatchObject({ code: 'READ_FAILED' });
});
