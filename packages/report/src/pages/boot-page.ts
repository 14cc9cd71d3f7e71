import type { Json } from '@deadbox/core';
import type { BootReport } from '@deadbox/triage';
import type { BootDevice, BootElementValue, BootObjectKind } from '@deadbox/windows';
import {
  type Block,
  BREAK,
  type Document,
  type Field,
  fields,
  group,
  heading,
  paragraph,
  paragraphs,
} from '../document/document.js';
import { code, concat, data, type Phrase, text } from '../document/phrase.js';
import type { StoreState } from '../words/boot-words.js';
import { bootPhrases } from './boot-phrases.js';
import { type PageOptions, Reader } from './page.js';

/** A setting of an object of the store. */
export interface ShownElement {
  readonly id: string;
  /** Name as `bcdedit` prints it. */
  readonly name: string;
  /** As JSON has it. */
  readonly value: Json;
  /** As it was read. */
  readonly decoded: BootElementValue;
}

/** An object of the store. */
export interface ShownObject {
  readonly id: string;
  readonly name: string | null;
  readonly type: string;
  readonly kind: BootObjectKind;
  readonly elements: readonly ShownElement[];
}

export interface ShownStore {
  readonly path: string;
  readonly volume: number | null;
  readonly role: 'uefi' | 'bios' | 'recovery' | 'file';
  readonly verdict: StoreState;
  readonly objects: readonly ShownObject[];
  /** Whether these are all objects with all their settings. */
  readonly complete: boolean;
}

/** The boot stores of a disk, and whether they fit it. */
export function bootPage(stores: readonly ShownStore[], check: BootReport | null, options: PageOptions = {}): Document {
  const reader = new Reader(options);
  const { boot: words, common } = reader.language;
  const page: Block[] = stores.flatMap((store) => [...storeBlocks(store, reader), BREAK]);
  if (check === null) return page;
  return [
    ...page,
    heading(1, common.labelled(words.check, text(words.verdictTitles[check.verdict], 'strong'))),
    group(...paragraphs(bootPhrases(check, reader))),
  ];
}

function storeBlocks({ path, volume, role, verdict, objects, complete }: ShownStore, reader: Reader): Block[] {
  const { boot: words } = reader.language;
  return [
    heading(1, words.store(path, volume, words.storeRoles[role], words.storeStates[verdict])),
    ...(complete || objects.length === 0 ? [] : [paragraph(words.findings['store-too-long'](reader.facts({ path })))]),
    ...objects.map((object) =>
      group(
        heading(2, concat(code(object.name ?? object.id, 'strong'), text('  '), text(words.kinds[object.kind]))),
        group(
          fields(
            object.elements.map(
              (element): Field => ({ label: element.name, value: valuePhrase(element.decoded, objects, reader) }),
            ),
          ),
        ),
      ),
    ),
  ];
}

/** A setting in words; another object by its name, where it has one. */
function valuePhrase(value: BootElementValue, objects: readonly ShownObject[], reader: Reader): Phrase {
  const { boot: words, common } = reader.language;
  const object = (id: string): Phrase => {
    const braced = `{${id.toLowerCase()}}`;
    return [code(objects.find((one) => one.id === braced)?.name ?? braced)];
  };
  switch (value.format) {
    case 'device':
      return devicePhrase(value.device, reader);
    case 'string':
      return [data(value.text)];
    case 'object':
      return object(value.id);
    case 'object-list':
      return common.list(value.ids.map(object));
    case 'integer':
      return [text(String(value.integer))];
    case 'boolean':
      return [text(words.onOff(value.boolean))];
    case 'integer-list':
      return common.list(value.integers.map((integer) => text(String(integer))));
    case 'unknown':
      return [text(words.notUnderstood)];
  }
}

function devicePhrase(device: BootDevice, reader: Reader): Phrase {
  const inner = 'parent' in device ? devicePhrase(device.parent, reader) : undefined;
  const say = reader.language.boot.devices[device.kind] as (device: BootDevice, inner: Phrase | undefined) => Phrase;
  return say(device, inner);
}
