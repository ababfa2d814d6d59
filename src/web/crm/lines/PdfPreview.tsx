import { Button, Modal } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Eye } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { serverAddress } from '../../hooks/page/address';
import classes from './DocumentLines.module.css';
import type { LineParent } from './use-lines';

/** The document's PDF. @param version changes the URL, so that a changed document is fetched again */
export function PdfPreview({ parent, version }: { parent: LineParent; version: number }) {
  const { t } = useTranslation();
  const [opened, { open, close }] = useDisclosure();
  const address = serverAddress(`/api/documents/${parent.table}/${parent.id}.pdf?version=${version}`);
  return (
    <>
      <Button variant="default" leftSection={<Eye size={16} />} onClick={open}>
        {t('paper.preview')}
      </Button>
      <Modal opened={opened} onClose={close} size="xl" title={t('paper.pdf')}>
        {opened && <iframe className={classes.preview} src={address} title={t('paper.pdf')} />}
        <Button component="a" href={address} target="_blank" rel="noreferrer" variant="light" mt="sm">
          {t('paper.download')}
        </Button>
      </Modal>
    </>
  );
}
