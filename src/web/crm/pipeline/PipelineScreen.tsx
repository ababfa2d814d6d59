import { Button, Group } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { CalendarSearch, Plus } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useMay } from '../../hooks/roles';
import { PageHeader } from '../../ui/PageHeader';
import { RecordDrawer } from '../../ui/RecordDrawer';
import { CanWeTakeIt } from '../availability/CanWeTakeIt';
import { opportunities } from '../entities/clients';
import { Board } from './Board';

export function PipelineScreen() {
  const { t } = useTranslation();
  const may = useMay();
  const navigate = useNavigate();
  const [adding, adder] = useDisclosure();
  const [asking, asker] = useDisclosure();
  return (
    <>
      <PageHeader
        title={t('nav.pipeline')}
        actions={
          may('sales') && (
            <Group gap="xs">
              <Button variant="default" leftSection={<CalendarSearch size={16} />} onClick={asker.open}>
                {t('availability.ask')}
              </Button>
              <Button leftSection={<Plus size={16} />} onClick={adder.open}>
                {t('list.new')}
              </Button>
            </Group>
          )
        }
      />
      <Board />
      <RecordDrawer
        entity={opportunities}
        opened={adding}
        onClose={adder.close}
        onSaved={(deal) => void navigate({ to: `/opportunities/${deal.id}` as '/' })}
      />
      <CanWeTakeIt opened={asking} onClose={asker.close} />
    </>
  );
}
