import { MemorySource, toHex } from '@deadbox/core';
import { type BootDevice, type BootElementEntry, Hive, readBootStore, underlyingDevice } from '@deadbox/windows';
import { expect, test } from 'vitest';
import { artifactBytes, describeWithArtifacts } from '../../support/artifacts.js';

const braced = (id: string): string => `{${id.toLowerCase()}}`;
const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`;

/** A device in the form of the oracle. */
function deviceAnswer(device: BootDevice): unknown[] {
  switch (device.kind) {
    case 'boot':
      return ['boot'];
    case 'locate':
      return ['locate', expect.anything()];
    case 'partition':
      return device.partition.style === 'gpt'
        ? ['partition', 'gpt', device.partition.partitionId, device.partition.diskId, device.diskKind]
        : ['partition', 'mbr', device.partition.partitionOffset, device.partition.diskSignature, device.diskKind];
    default:
      // A ramdisk: the oracle only tells its kind of disk.
      return ['disk0', 3];
  }
}

function answer({ value, bytes }: BootElementEntry): unknown {
  if (value.format === 'device') return deviceAnswer(value.device);
  if (value.format === 'string') return value.text;
  if (value.format === 'object') return braced(value.id);
  if (value.format === 'object-list') return value.ids.map(braced);
  if (value.format === 'integer') return value.integer.toString();
  if (value.format === 'boolean') return value.boolean;
  return toHex(bytes);
}

describeWithArtifacts('real boot stores', 'bcd', (artifacts) => {
  test.each(artifacts)('$id has the objects and elements that hivex shows', async (artifact) => {
    const store = await readBootStore(await Hive.open(new MemorySource(artifactBytes(artifact))));
    const objects = Object.fromEntries(
      store.objects.map((object) => [
        braced(object.id),
        {
          type: hex(object.type),
          elements: Object.fromEntries(object.elements.map((element) => [hex(element.id), answer(element)])),
        },
      ]),
    );
    expect(objects).toEqual(artifact.expected.objects);
    for (const { elements } of store.objects)
      for (const { value } of elements)
        if (value.format === 'device') expect(underlyingDevice(value.device).kind).not.toBe('unrecognised');
  });
});
