/** Words of single screens. */
export const screens = {} as const;
