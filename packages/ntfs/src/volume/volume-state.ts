import { type Bytes, isDamage, type ReadOptions, utf16Text } from '@deadbox/core';
import { parseVolumeInformation, type VolumeInformation } from '../attributes/volume-information.js';
import { addIssue } from '../errors.js';
import { lookupPath } from '../files/path-lookup.js';
import { SearchState } from '../files/search-state.js';
import { attributesOf, type VolumeContext } from '../files/volume-context.js';
import { judgeLog, type LogState } from '../log/log-restart-page.js';
import { AttributeType } from '../record/attribute.js';
import { KnownRecord } from '../record/known-records.js';
import { HIBERFIL_HEAD, type HibernationState, judgeHibernation } from './hibernation.js';

/** The two restart pages lie one system page apart; every writer so far uses 4 KiB. */
const RESTART_PAGES = 8192;
const MAX_LABEL_BYTES = 256;

/** What `$Volume` says. */
export interface VolumeLabelAndFlags extends Partial<VolumeInformation> {
  /** Volume label; empty when there is none. */
  label: string;
}

/**
 * Reads label, version and flags from record 3. A damaged record is an issue and leaves `version`, `flags` and `dirty`
 * out.
 */
export async function readVolumeInformation(
  context: VolumeContext,
  options?: ReadOptions,
): Promise<VolumeLabelAndFlags> {
  try {
    const set = await attributesOf(context, KnownRecord.volume, options);
    const name = await set.find(AttributeType.volumeName, '', options);
    const label = name === undefined ? '' : utf16Text(await set.value(name, MAX_LABEL_BYTES, options));
    const held = await set.find(AttributeType.volumeInformation, '', options);
    const information = held === undefined ? undefined : parseVolumeInformation(await set.value(held, 64, options));
    if (information !== undefined) return { label, ...information };
    const at = { ...set.base.place, record: KnownRecord.volume };
    addIssue(context.issues, 'ntfs.volume-information', at, { found: 'no $VOLUME_INFORMATION' });
    return { label };
  } catch (error) {
    if (!isDamage(error, options?.signal)) throw error;
    const at = { offset: context.reader.record.place.offset, record: KnownRecord.volume };
    addIssue(context.issues, 'ntfs.volume-information', at, { reason: error.message });
    return { label: '' };
  }
}

/** Reads the two restart pages of `$LogFile`. What cannot be read is `unreadable`, with an issue. */
export async function readLogState(context: VolumeContext, options?: ReadOptions): Promise<LogState> {
  try {
    const set = await attributesOf(context, KnownRecord.logFile, options);
    const held = await set.find(AttributeType.data, '', options);
    if (held === undefined) return unreadableLog(context, 'no $DATA');
    const stream = await set.raw(held, '$LogFile', options);
    const head: Bytes = await stream.read(0, Math.min(RESTART_PAGES, stream.size), options);
    const state = judgeLog([head.subarray(0, 4096), head.subarray(4096)]);
    return state.log === 'unreadable' ? unreadableLog(context, 'no valid restart page') : state;
  } catch (error) {
    if (!isDamage(error, options?.signal)) throw error;
    return unreadableLog(context, error.message);
  }
}

/** Reads the head of `\hiberfil.sys`. */
export async function readHibernation(context: VolumeContext, options?: ReadOptions): Promise<HibernationState> {
  try {
    const file = await lookupPath(context, '/hiberfil.sys', new SearchState(context), options);
    if (file === undefined || file.isDirectory) return 'none';
    const stream = await file.stream('', options);
    return judgeHibernation(await stream.read(0, Math.min(HIBERFIL_HEAD, stream.size), options));
  } catch (error) {
    if (!isDamage(error, options?.signal)) throw error;
    addIssue(context.issues, 'ntfs.read-failed', { offset: 0 }, { path: '/hiberfil.sys', reason: error.message });
    return 'unreadable';
  }
}

function unreadableLog(context: VolumeContext, reason: string): LogState {
  const at = { offset: context.reader.record.place.offset, record: KnownRecord.logFile };
  addIssue(context.issues, 'ntfs.log-restart', at, { reason }, 'warning');
  return { log: 'unreadable' };
}
