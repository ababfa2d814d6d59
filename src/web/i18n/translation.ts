/** The shape of a translation: every key of another one, plural forms as its language has them. */
export type Translation<Words> = {
  readonly [Key in keyof Words]: Words[Key] extends string ? string : Translation<Words[Key]>;
};
