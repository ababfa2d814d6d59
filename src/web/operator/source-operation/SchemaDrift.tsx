import { Button, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Panel } from '../../ui/Panel';
import { Command } from '../parts/Command';
import { Differences } from '../schema/Differences';

/** Compares a data source's schema with its own version, when asked to: every object is read there. */
export function SchemaDrift({ source }: { source: string }) {
  const { t } = useTranslation();
  const [isShown, setShown] = useState(false);
  return (
    <Panel
      title={t('sourceOperation.drift')}
      aside={
        !isShown && (
          <Button size="compact-sm" variant="default" onClick={() => setShown(true)}>
            {t('sourceOperation.compare')}
          </Button>
        )
      }
    >
      <Text size="sm" c="dimmed">
        {t('sourceOperation.driftText')}
      </Text>
      {isShown && <Differences source={source} />}
      <Command text={`marquee migrate drift ${source}`} />
    </Panel>
  );
}
