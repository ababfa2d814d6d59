// Where a backup's key and objects are.

/** Where the secret box binds the key of one backup of one tenant. */
export const keyPlace = (tenantId: string, backupId: string) => ({
  owner: `${tenantId}/${backupId}`,
  column: 'backups.data_key',
});

export const prefixOf = ({ tenantId, id }: { tenantId: string; id: string }) => `${tenantId}/${id}`;
