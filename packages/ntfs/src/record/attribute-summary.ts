import { defined } from '@deadbox/core';
import { AttributeFlag, attributeTypeName } from './attribute.js';
import type { HeldAttribute } from './attribute-set.js';

/** One attribute of a file, as `stat` shows it. */
export interface AttributeSummary {
  /** Type number. */
  readonly type: number;
  /** Name of the type, e.g. `$DATA`. */
  readonly typeName: string;
  /** Name of the stream or index; empty for most. */
  readonly name: string;
  /** Identifier in its record. */
  readonly id: number;
  /** Whether its value lies in the record. */
  readonly resident: boolean;
  /** Bytes of content. */
  readonly size: number;
  /** Bytes that its clusters span, holes included; 0 when resident. */
  readonly allocatedSize: number;
  /** Valid data length. */
  readonly initializedSize: number;
  /** Bytes really on the disk, where the attribute tells it. */
  readonly totalAllocated?: number;
  /** Whether its clusters are LZNT1-compressed. */
  readonly compressed: boolean;
  /** Whether its clusters are encrypted (EFS). */
  readonly encrypted: boolean;
  /** Whether it has holes by intent. */
  readonly sparse: boolean;
  /** The record that holds it: the base record or an extension record. */
  readonly record: number;
  /** Byte offset of the attribute on the volume. */
  readonly offset: number;
}

/** What `stat` shows of an attribute. */
export function summarizeAttribute({ attribute, holder }: HeldAttribute): AttributeSummary {
  const { type, name, id, flags } = attribute;
  const size = attribute.resident ? attribute.value.length : attribute.size;
  return {
    type,
    typeName: attributeTypeName(type),
    name,
    id,
    resident: attribute.resident,
    size,
    allocatedSize: attribute.resident ? 0 : attribute.allocatedSize,
    initializedSize: attribute.resident ? size : attribute.initializedSize,
    ...defined({ totalAllocated: attribute.resident ? undefined : attribute.totalAllocated }),
    compressed: (flags & AttributeFlag.compressionMask) !== 0,
    encrypted: (flags & AttributeFlag.encrypted) !== 0,
    sparse: (flags & AttributeFlag.sparse) !== 0,
    record: holder.number,
    offset: holder.place.offset + attribute.offset,
  };
}
