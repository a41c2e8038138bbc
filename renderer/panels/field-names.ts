// What a panel's fields are called, for screen readers and for whoever looks one up by its name.
import type { Fields, Truth } from '../../app/tuning/knob.ts';
import { truthNames } from '../ui/truth-names.ts';

/** `CPU shares, now` */
export const inTruth = (name: string, truth: Truth): string => `${name}, ${truthNames[truth].toLowerCase()}`;

/** One field of a unit of several: `CPU topology: Cores` */
export const fieldName = (unit: string, field: Fields[string]): string => `${unit}: ${field.label}`;

/** One thing of a list, by its place: `cell 2` */
export const itemName = (item: string, index: number): string => `${item} ${index + 1}`;

/** `Memory of cell 2` */
export const itemFieldName = (field: Fields[string], item: string, index: number): string => `${field.label} of ${itemName(item, index)}`;

/** The typed CPUs of a row of the matrix. */
export const pinName = (row: string): string => `CPUs of ${row}`;
