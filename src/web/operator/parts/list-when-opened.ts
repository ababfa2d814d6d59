/** `comboboxProps` of a select beside a long list: its options are rendered when it is opened, and not hidden in the page before. */
export const LIST_WHEN_OPENED = { keepMounted: false } as const;
