import { administration } from './administration';
import { documents } from './documents';
import { fields } from './fields';
import { general } from './general';
import { options } from './options';
import { screens } from './screens';

export const en = { ...general, ...options, ...fields, ...screens, ...documents, ...administration } as const;

/** The shape of a translation: every key of the English one. */
export type Translation<Words = typeof en> = {
  readonly [Key in keyof Words]: Words[Key] extends string ? string : Translation<Words[Key]>;
};
