import type { CSSProperties } from 'react';
import type { Offer } from '@/server/client/offer-schema';

/** A company's colors for its client's page; the server chose those that can be read. */
export function companyStyle({ primaryColor, onPrimary, ink }: Offer['company']): CSSProperties {
  return {
    '--client-primary': primaryColor,
    '--client-on-primary': onPrimary,
    '--client-ink': ink,
    '--mantine-primary-color-filled': primaryColor,
    '--mantine-primary-color-filled-hover': `color-mix(in srgb, ${primaryColor} 88%, black)`,
    '--mantine-primary-color-contrast': onPrimary,
  } as CSSProperties;
}
