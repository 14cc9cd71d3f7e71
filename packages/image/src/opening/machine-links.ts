import { type ByteSource, isDamage, type ReadOptions, type Siblings } from '@deadbox/core';
import { MAX_DESCRIPTOR_BYTES } from '../limits.js';
import type { MachineDescription } from '../machine/description.js';
import { parseMachine } from '../machine/machine.js';
import { lastPathPart } from '../text/recorded-path.js';
import { isUnreachable } from './claims.js';
import type { ChildImage } from './descendants.js';

/**
 * What the descriptions of machines beside the image record: VirtualBox keeps the links of a chain in a folder of their
 * own.
 */
export async function linksOfMachines(
  own: string,
  machines: readonly string[],
  siblings: Siblings,
  reading: ReadOptions,
): Promise<ChildImage[]> {
  const found: ChildImage[] = [];
  for (const file of machines) {
    const reached = new Set([own.toLowerCase()]);
    for (const { parent, child } of await linksIn(file, siblings, reading)) {
      const [from, to] = [lastPathPart(parent) ?? parent, lastPathPart(child) ?? child];
      if (!reached.has(from.toLowerCase())) continue;
      reached.add(to.toLowerCase());
      found.push({ name: child, parent: from, foundBy: 'name' });
    }
  }
  return found;
}

async function linksIn(file: string, siblings: Siblings, reading: ReadOptions): Promise<MachineDescription['links']> {
  let source: ByteSource | undefined;
  try {
    source = await siblings.open(file, reading);
    if (source === undefined || source.size > MAX_DESCRIPTOR_BYTES) return [];
    return parseMachine(await source.read(0, source.size, reading))?.links ?? [];
  } catch (error) {
    if (!isDamage(error, reading.signal) && !isUnreachable(error)) throw error;
    return [];
  } finally {
    await source?.close?.();
  }
}
