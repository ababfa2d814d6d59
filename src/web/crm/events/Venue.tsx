import { Anchor, Group, Stack, Text } from '@mantine/core';
import { MapPin } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import type { Row } from '../../hooks/request/query';
import { ContactCard } from '../../ui/ContactCard';

export type Place = Pick<
  Row<'locations'>,
  'name' | 'address' | 'city' | 'load_in_notes' | 'contact_name' | 'contact_phone'
>;

/** Where an event is: the address as a link to the map, how to get in, and whom to call there. */
export function Venue({ place }: { place: Place }) {
  const { t } = useTranslation();
  const address = [place.address, place.city].filter(Boolean).join(', ');
  const query = encodeURIComponent([place.name, address].filter(Boolean).join(' '));
  return (
    <Stack gap={4}>
      <Text size="sm" fw={600}>
        {place.name}
      </Text>
      <Anchor
        href={`https://www.openstreetmap.org/search?query=${query}`}
        target="_blank"
        rel="noreferrer"
        size="sm"
        py={4}
      >
        <Group gap={6} wrap="nowrap" component="span">
          <MapPin size={16} aria-label={t('brief.map')} />
          {address || t('brief.map')}
        </Group>
      </Anchor>
      {place.load_in_notes && (
        <Text size="sm" style={{ whiteSpace: 'pre-line' }}>
          {place.load_in_notes}
        </Text>
      )}
      {place.contact_name && <ContactCard name={place.contact_name} phone={place.contact_phone} />}
    </Stack>
  );
}
