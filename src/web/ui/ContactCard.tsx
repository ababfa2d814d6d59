import { Anchor, Group, Text } from '@mantine/core';
import { Mail, Phone } from 'lucide-react';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

interface Properties {
  name: ReactNode;
  /** What the person does here. */
  part?: string | undefined;
  phone?: string | null | undefined;
  email?: string | null | undefined;
}

/** A person, and how to reach them with one touch. */
export function ContactCard({ name, part, phone, email }: Properties) {
  const { t } = useTranslation();
  return (
    <div>
      <Text component="div" size="sm" fw={600}>
        {name}
        {part && (
          <Text span size="sm" c="dimmed" fw={400}>
            {' · '}
            {part}
          </Text>
        )}
      </Text>
      <Group gap="md" mt={2}>
        {phone && (
          <Anchor href={`tel:${phone.replace(/[^\d+*#]/g, '')}`} size="sm" py={4}>
            <Group gap={6} wrap="nowrap" component="span">
              <Phone size={14} aria-label={t('reach.call')} />
              {phone}
            </Group>
          </Anchor>
        )}
        {email && (
          <Anchor href={`mailto:${email}`} size="sm" py={4} style={{ overflowWrap: 'anywhere' }}>
            <Group gap={6} wrap="nowrap" component="span">
              <Mail size={14} aria-label={t('reach.write')} />
              {email}
            </Group>
          </Anchor>
        )}
      </Group>
    </div>
  );
}
