/** Type of a translation: the same keys as another one, with the plural forms of its own language. */
export type Translation<Words> = {
  readonly [Key in keyof Words]: Words[Key] extends string ? string : Translation<Words[Key]>;
};
