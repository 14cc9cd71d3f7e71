export {
  type AppliedRepair,
  applyRepair,
  finishRepair,
  type JournalState,
  journalState,
  undoRepair,
  type WriteOptions,
} from './apply.node.js';
export { readJournal } from './journal/journal-file.node.js';
export type { JournalFile, SectorState, UndoJournal } from './journal/undo-journal.js';
export { type Overlay, writeOverlay } from './overlay.node.js';
export type { BlockWriter } from './storage/block-writer.node.js';
export type { StoredWrite } from './storage/sector-write.js';
