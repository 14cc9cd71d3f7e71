import type { StatAttribute, StatName } from '@deadbox/disk';
import type { Part, Phrase } from '../document/phrase.js';

/** File attribute bits that have a name (MS-FSCC 2.6). */
export type AttributeBit =
  | 'readOnly'
  | 'hidden'
  | 'system'
  | 'archive'
  | 'temporary'
  | 'sparse'
  | 'reparsePoint'
  | 'compressed'
  | 'offline'
  | 'notIndexed'
  | 'encrypted'
  | 'recallOnOpen'
  | 'pinned'
  | 'unpinned'
  | 'recallOnDataAccess';

/** Words of single files: `stat` and `ls`. */
export interface FileWords {
  readonly labels: Readonly<
    Record<
      | 'type'
      | 'size'
      | 'created'
      | 'modified'
      | 'changed'
      | 'accessed'
      | 'record'
      | 'attributes'
      | 'securityId'
      | 'usn'
      | 'reparseTag'
      | 'reparse'
      | 'security'
      | 'objectId'
      | 'extendedAttribute'
      | 'run'
      | 'evidence',
      string
    >
  >;
  readonly attributes: Readonly<Record<AttributeBit, string>>;
  readonly nameSpaces: Readonly<Record<StatName['nameSpace'], string>>;
  readonly deleted: string;
  typeOn(type: string, volume: number): Phrase;
  record(facts: { record: number; sequence: number; inUse: boolean; links: number }): Phrase;
  name(name: string, nameSpace: string, parentRecord: number, parentSequence: number): Phrase;
  attribute(attribute: StatAttribute): Phrase;
  attributeSizes(attribute: StatAttribute): Phrase;
  moreRuns(count: number): Phrase;
  evidence(what: Part, offset: number, file: { offset: number; path: string } | undefined): Phrase;
}
