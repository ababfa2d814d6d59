import type { Translation } from '../en';
import { fields } from './fields';
import { general } from './general';
import { options } from './options';

/** A part of a translation; what is missing is shown in English. */
type Partly<Words> = {
  readonly [Key in keyof Words]?: Words[Key] extends string ? string : Partly<Words[Key]>;
};

export const de: Partly<Translation> = { ...general, ...options, ...fields };
