// In German why something failed, by the server's codes: what happened, and what to do. Where one code has several reasons, the
// server's English sentence is added.

const SERVER_SAYS = 'Der Server meldet: {{message}}';

export const failures: Record<string, string> = {
  // Alerts
  alert_unknown:
    'Es gibt keinen offenen Alarm mit dieser Kennung; vielleicht wurde er schon bestätigt. Laden Sie die Liste neu.',
  alert_rule_unknown: 'Eine Regel mit diesem Namen gibt es nicht. Laden Sie die Regeln neu.',
  alert_rule_invalid: `Die Regel hat ein unbekanntes Feld oder einen Wert außerhalb des Erlaubten; docs/alerts.md beschreibt die Felder. ${SERVER_SAYS}`,
  alert_rule_fixed:
    'Diese Regel schützt die Alarme selbst: Nur Meldung, Schwere und Ruhezeit lassen sich ändern. Bestätigen Sie stattdessen ihre Alarme.',

  // Application database
  application_database_closed:
    'Dieser Prozess hat seine Verbindung zur Anwendungsdatenbank beendet. Starten Sie ihn neu.',
  application_database_unreachable:
    'Die Anwendungsdatenbank ist nicht erreichbar. Prüfen Sie APPLICATION_DATABASE_URL, und ob der Server läuft.',
  application_key_refused:
    'Das Supabase-Projekt der Anwendungsdatenbank nimmt SUPABASE_SERVICE_ROLE_KEY nicht an. Kopieren Sie den Schlüssel service_role noch einmal.',
  application_login_lacks_rights:
    'Das Login aus APPLICATION_DATABASE_URL besitzt die Tabellen nicht, und diese haben nicht den Stand dieser Version. Führen Sie marquee migrate mit APPLICATION_DATABASE_OWNER_URL aus.',
  application_needs_postgres:
    'Das geht nicht über die REST-API eines Supabase-Projekts. Setzen Sie APPLICATION_DATABASE_OWNER_URL auf die PostgreSQL-Adresse des Projekts.',
  application_project_busy:
    'Das Supabase-Projekt der Anwendungsdatenbank lehnt Anfragen ab, weil es zu viele waren. Versuchen Sie es in einer Minute erneut.',
  application_project_invalid:
    'Unter NEXT_PUBLIC_SUPABASE_URL antwortet keine REST-API eines Supabase-Projekts. Prüfen Sie die Adresse.',
  application_project_not_set_up:
    'Dem Supabase-Projekt der Anwendungsdatenbank fehlen Tabellen oder Funktionen dieser Version. Führen Sie dort aus, was marquee migrate --script ausgibt.',
  application_project_paused:
    'Das Supabase-Projekt der Anwendungsdatenbank ist pausiert. Setzen Sie es in seinem Dashboard fort.',
  audit_archive_invalid:
    'Die Datei mit archivierten Audit-Einträgen ist beschädigt oder keine. Nehmen Sie eine andere Kopie.',
  audit_checkpoint_undelivered: `Der Prüfpunkt ist signiert, aber nicht an jedem Ort außerhalb gespeichert. Prüfen Sie den Ort, und signieren Sie erneut. ${SERVER_SAYS}`,
  audit_checkpoint_invalid:
    'Der Prüfpunkt ist keine signierte Notiz, oder kein bekannter Schlüssel hat ihn signiert. Geben Sie den Schlüssel an, der ihn signiert hat.',
  audit_key_invalid:
    'Das ist kein Schlüssel, der Prüfpunkte bestätigt. Ausgeben können Sie ihn mit: marquee audit key',
  audit_log_busy:
    'Es kamen schneller Audit-Einträge hinzu, als sich ein Prüfpunkt signieren ließ. Versuchen Sie es in einer Minute erneut.',
  audit_log_changed:
    'Einträge des Audit-Protokolls sind nicht die, die geschrieben wurden. Alles Geänderte zeigt: marquee audit verify',
  audit_proof_invalid: 'Die Datei ist kein Nachweis eines Audit-Eintrags. Erstellen Sie einen neuen.',
  audit_record_not_covered:
    'Noch deckt kein signierter Prüfpunkt diesen Eintrag ab. Erstellen Sie zuerst einen Prüfpunkt.',
  audit_record_unknown: 'Einen Audit-Eintrag mit dieser Nummer gibt es nicht.',
  connection_pool_config_invalid: `Die Grenzen des Mandanten haben ein unbekanntes Feld oder einen Wert außerhalb des Erlaubten; siehe docs/connection-pool-config.md. ${SERVER_SAYS}`,
  email_taken: 'Diese E-Mail-Adresse gehört schon zu einem anderen Konto. Nehmen Sie eine andere.',
  last_owner:
    'Danach hätte niemand mehr die Rolle Inhaber. Machen Sie zuerst eine andere aktive Person dazu.',
  place_taken:
    'Ein anderer Mandant hat in dieser Datenquelle schon diese Kennung. Jeder braucht dort eine eigene.',
  route_changed: 'Der Mandant liegt inzwischen woanders. Laden Sie die Seite neu.',
  subdomain_invalid:
    'Die Subdomain darf 1 bis 63 Buchstaben a bis z, Ziffern und Bindestriche haben, an keinem Ende einen Bindestrich.',
  subdomain_reserved: 'Diese Subdomain verwendet Marquee selbst. Wählen Sie eine andere.',
  subdomain_taken: 'Diese Subdomain hat schon ein anderer Mandant. Wählen Sie eine andere.',
  tenant_invalid: `Eine Angabe zum Mandanten ist nicht erlaubt. ${SERVER_SAYS}`,
  tenant_unknown: 'Einen Mandanten mit dieser Kennung oder Subdomain gibt es nicht. Laden Sie die Liste neu.',
  user_invalid: `Eine Angabe zum Konto ist nicht erlaubt: Prüfen Sie Adresse, Name und Rolle. ${SERVER_SAYS}`,
  user_unknown: 'Dieses Konto gibt es nicht (mehr). Laden Sie die Seite neu.',

  // Backups
  backup_busy:
    'Ein anderer Prozess sichert diesen Mandanten, stellt ihn wieder her oder erprobt eine Sicherung. Warten Sie, bis er fertig ist.',
  backup_corrupt:
    'Ein Teil der Sicherung fehlt, wurde geändert oder gehört zu einer anderen. Nehmen Sie eine frühere, und finden Sie heraus, wer in den Speicher schreibt.',
  backup_digest_differs:
    'Die wiederhergestellten Zeilen sind nicht die gesicherten; nichts davon wurde behalten. Nehmen Sie eine frühere Sicherung.',
  backup_foreign:
    'Die Sicherung gehört zu einem anderen Mandanten oder einer anderen Installation. Wählen Sie eine dieses Mandanten.',
  backup_format_unknown:
    'Eine Version von Marquee, die diese nicht kennt, hat die Sicherung geschrieben. Verwenden Sie jene oder eine spätere.',
  backup_held:
    'Eine Aufbewahrungspflicht verbietet, Daten oder Sicherungen dieses Mandanten zu entfernen. Den Grund zeigt die Seite Sicherungen.',
  backup_interrupted:
    'Der Prozess endete unterwegs; Halbfertiges wurde nicht behalten. Starten Sie es noch einmal.',
  backup_key_lost:
    'Der Schlüssel der Sicherung lässt sich nicht öffnen. Setzen Sie ENCRYPTION_KEY wie damals, oder nennen Sie ihn in PREVIOUS_ENCRYPTION_KEYS.',
  backup_not_possible: `Der Mandant, seine Datenquelle oder seine Tabellen lassen das nicht zu. ${SERVER_SAYS}`,
  backup_rows_invisible:
    'Das Login für Umzüge sieht die Zeilen des Mandanten nicht, sie fehlten also in der Sicherung. Prüfen Sie seine Richtlinien und Rollen.',
  backup_rows_unfit:
    'Zeilen der Sicherung verletzen eine Regel der Datenbank. Stellen Sie auch die Zeilen wieder her, auf die sie verweisen, oder den ganzen Mandanten.',
  backup_schema_differs:
    'Der Datenbank fehlen Tabellen oder Spalten der Sicherung. Stellen Sie sie in einer Datenbank der damaligen Version wieder her.',
  backup_store_full:
    'Der Datenträger der Sicherungen ist voll. Schaffen Sie Platz, oder entfernen Sie alte mit: marquee backup prune',
  backup_store_invalid:
    'Die Adresse des Sicherungsspeichers ist ungültig. Geben Sie ein Verzeichnis, file:///verzeichnis oder s3://bucket/prefix?region=eu-central-1 an.',
  backup_store_unreachable:
    'Der Sicherungsspeicher ist nicht erreichbar, lesbar oder beschreibbar. Prüfen Sie BACKUP_URL, Rechte und Zugangsdaten.',
  backup_unknown: 'Diese Sicherung gibt es nicht, oder sie lässt sich nicht wiederherstellen.',
  export_unknown:
    'Diesen Export gibt es nicht, oder er ist zu alt zum Herunterladen. Erstellen Sie einen neuen.',

  // Data sources
  access_token_invalid: 'Das Zugriffstoken ist ungültig oder abgelaufen. Melden Sie sich neu an.',
  access_token_required: 'Es fehlt das Zugriffstoken des Benutzers. Melden Sie sich neu an.',
  change_made:
    'Die Änderung wurde gemacht, nur ihre Antwort ging bei einem Failover verloren. Wiederholen Sie sie nicht; laden Sie die Seite neu.',
  client_read_only: 'Dieser Client kann nur lesen.',
  data_source_address_refused:
    'Die Adresse führt zu dieser Maschine, in ein privates Netz oder zu einem Metadatendienst. Geben Sie eine Adresse im Internet an, oder erlauben Sie ihr Netz mit: marquee source add --allow-network',
  data_source_authentication_refused:
    'Die Datenquelle lehnt das Login oder den Schlüssel ab. Prüfen Sie Benutzer und Passwort oder die Schlüssel.',
  data_source_busy:
    'Keine Verbindung zur Datenquelle wurde rechtzeitig frei. Bleibt es so, erhöhen Sie ihr Budget oder ziehen Sie Mandanten um.',
  data_source_circuit_open:
    'Nach wiederholten Fehlern sendet Marquee dieser Datenquelle nichts mehr. Führen Sie den Verbindungstest aus.',
  data_source_connection_lost: 'Die Verbindung zur Datenquelle brach ab. Versuchen Sie es erneut.',
  data_source_encoding_unsupported:
    'Die Datenbank hat eine andere Kodierung als UTF8. Legen Sie eine mit der Kodierung UTF8 an.',
  data_source_extension_missing:
    'Dem Server fehlt eine Erweiterung, die das Mandantenschema braucht, oder das Login darf sie nicht anlegen. Der Verbindungstest nennt sie.',
  data_source_functions_reachable:
    'Benutzer eines Mandanten könnten dort Funktionen aufrufen, die über die Datenbank hinausreichen, etwa dblink. Entziehen Sie sie PUBLIC; der Verbindungstest nennt sie.',
  data_source_isolation_broken:
    'Die Datenquelle trennt Mandanten nicht voneinander. Führen Sie den Verbindungstest aus.',
  data_source_no_primary:
    'Kein Host der Datenquelle nimmt Schreibzugriffe an: Ein Failover läuft. Marquee folgt, sobald der neue Primärserver antwortet.',
  data_source_not_administered:
    'Marquee hat kein Login des Eigentümers dieser Datenbank, nur ihr DBA kann ihr Schema ändern. Geben Sie ihm das Skript: marquee migrate script',
  data_source_not_durable:
    'Ein Absturz des Servers würde Geschriebenes verlieren oder beschädigen. Führen Sie den Verbindungstest aus.',
  data_source_not_migrated:
    'Die Datenquelle hat nicht das Schema dieser Version. Führen Sie aus: marquee migrate',
  data_source_out_of_connections:
    'Der Server der Datenquelle hat keine Verbindung mehr frei. Erhöhen Sie max_connections oder senken Sie das Budget.',
  data_source_parameter_refused:
    'Die Adresse der Datenquelle hat einen Parameter, der eine Datei oder einen Dienst dieser Maschine nennt. Lassen Sie ihn weg.',
  data_source_pooled:
    'Dort antwortet ein Pooler, gebraucht wird der Server selbst. Geben Sie dessen Adresse an.',
  data_source_privileges_missing: 'Dem Login der Datenquelle fehlt ein Recht. Der Verbindungstest nennt es.',
  data_source_protocol_violated:
    'Was unter dieser Adresse antwortet, spricht nicht das Protokoll von PostgreSQL. Prüfen Sie Adresse, Port, Proxy und Pooler.',
  data_source_request_refused: `Diese Anfrage lässt sich an diese Art von Datenquelle nicht senden. ${SERVER_SAYS}`,
  data_source_shutting_down:
    'Der Server der Datenquelle startet, fährt herunter oder hat die Sitzung beendet. Versuchen Sie es in einer Minute erneut.',
  data_source_sign_in_refused:
    'Der Anmeldedienst des Supabase-Projekts meldet die Benutzer nicht an. Prüfen Sie die Schlüssel, und ob Auth eingeschaltet ist.',
  data_source_timeout:
    'Eine Verbindung kam nicht rechtzeitig zustande, oder eine Anweisung dauerte zu lange. Versuchen Sie es erneut.',
  data_source_tls_refused:
    'Die Datenquelle hat kein TLS oder ein Zertifikat, das sich nicht prüfen lässt. Geben Sie die Stelle an, die es unterschrieben hat.',
  data_source_tls_unverified:
    'Die Adresse schaltet TLS oder seine Prüfung ab. Geben Sie die Zertifizierungsstelle an, oder erlauben Sie es mit --tls.',
  data_source_unreachable: `Zur Datenquelle kommt keine Verbindung zustande. Prüfen Sie Host, Port, TLS und Firewall. ${SERVER_SAYS}`,
  data_source_url_malformed:
    'Die Adresse der Datenquelle hat eine falsche Form: postgresql://benutzer:passwort@host:5432/datenbank, bei Supabase https://<projekt>.supabase.co',
  data_source_version_unsupported:
    'Die Version des Servers wird nicht unterstützt. Aktualisieren Sie PostgreSQL.',
  data_source_triggers_off:
    'Die Datenbank schaltet Trigger und Fremdschlüssel für neue Sitzungen ab. Als Superuser: alter database … reset session_replication_role, und dasselbe für Rollen.',
  login_unknown_to_pooler: 'Der Pooler kennt das Login nicht. Tragen Sie es dort ein.',
  manager_closed: 'Dieser Prozess fährt herunter. Versuchen Sie es in einer Minute erneut.',
  outcome_unknown:
    'Auf einen Schreibzugriff kam keine Antwort; vielleicht wurde er ausgeführt. Sehen Sie nach, bevor Sie ihn wiederholen.',
  provisioning_failed: `Die Datenquelle oder der Mandant ließ sich nicht einrichten; nichts wurde behalten. ${SERVER_SAYS}`,
  read_token_invalid: 'Das Lesetoken hat eine falsche Form.',
  replica_conflict:
    'Eine Transaktion an einem Replikat wurde vom Primärserver beendet. Versuchen Sie es erneut.',
  replica_refused:
    'Der Server ist kein Standby dieser Datenquelle oder folgt ihr nicht. Geben Sie einen an, der ihren Server repliziert.',
  replica_unavailable:
    'Kein Replikat ist aktuell genug. Sehen Sie auf der Seite der Datenquelle nach, warum die Replikate zurückliegen.',
  route_stale: 'Der Mandant wechselt gerade die Datenbank. Versuchen Sie es erneut.',
  tenant_busy:
    'Die Grenze dieses Mandanten für Verbindungen oder wartende Anweisungen ist erreicht. Versuchen Sie es gleich erneut.',
  tenant_id_invalid: 'Die Kennung des Mandanten ist keine UUID.',
  tenant_mismatch: 'Eine Zeile der Anfrage nennt einen anderen Mandanten.',
  tenant_moving: 'Der Mandant wird gerade umgezogen. Versuchen Sie es in ein paar Sekunden erneut.',
  tenant_provisioning: 'Der Mandant wird noch eingerichtet. Versuchen Sie es in einer Minute erneut.',
  tenant_suspended: 'Der Mandant ist gesperrt. Entsperren Sie ihn zuerst.',
  tenant_unavailable: 'Der Status des Mandanten erlaubt keine Anfragen. Sehen Sie auf seiner Seite nach.',
  tenant_unplaced: 'Der Mandant hat keine Datenquelle. Weisen Sie ihm eine zu mit: marquee tenant place',
  transaction_aborted: 'Eine Anweisung der Transaktion schlug fehl. Versuchen Sie es erneut.',
  transaction_ended: 'Die Transaktion war schon beendet. Versuchen Sie es erneut.',

  // Schema rollouts, health, tenants
  schema_drifted:
    'Dem Schema der Datenbank fehlt etwas von seiner Version, oder es hat eine andere Form. Die Unterschiede zeigt Schema-Rollouts; beheben Sie sie, oder nehmen Sie sie an.',
  schema_locked:
    'Eine Tabelle war in allen Versuchen länger in Gebrauch, als eine Migration warten darf. Beenden Sie lange Transaktionen, dann versuchen Sie die Datenbank erneut.',
  schema_index_invalid: `Ein Index der Datenbank ist ungültig. Legen Sie ihn neu an. ${SERVER_SAYS}`,
  schema_rollout_invalid: `Die Angaben des Schema-Rollouts passen nicht zusammen, oder eine Datenquelle ist nicht eingetragen. ${SERVER_SAYS}`,
  schema_rollout_other_version:
    'Den offenen Schema-Rollout hat ein Programm einer anderen Version begonnen. Setzen Sie ihn mit jener Version fort, oder brechen Sie ihn ab.',
  schema_rollout_running:
    'Es läuft schon ein Schema-Rollout; es gibt immer nur einen. Setzen Sie jenen fort, oder brechen Sie ihn ab.',
  schema_rollout_source:
    'In diesem Zustand der Datenquelle geht das nicht. Laden Sie die Seite neu, und sehen Sie nach.',
  schema_rollout_unknown: 'Diesen Schema-Rollout gibt es nicht, oder keiner ist offen.',
  email_invalid: 'Die Adresse des Inhabers ist keine E-Mail-Adresse. Es wurde nichts angelegt.',
  tenant_not_ready:
    'Der Mandant wird noch eingerichtet und lässt sich weder sperren noch entsperren. Sehen Sie in einer Minute nach.',
  health_threshold_changed: `Jemand anderes hat diesen Schwellenwert inzwischen geändert. ${SERVER_SAYS}`,
  health_threshold_invalid: `Diesen Schwellenwert gibt es nicht, oder der Wert liegt außerhalb des Erlaubten. ${SERVER_SAYS}`,

  // People and their sessions
  api_key_expired: 'Der API-Schlüssel ist abgelaufen. Erstellen Sie einen neuen.',
  api_key_invalid: 'Diesen API-Schlüssel gibt es nicht, oder er gehört zu einem anderen Mandanten.',
  api_key_required: 'Dieser Schlüssel nennt nur die Firma; er gibt keinen Zugriff.',
  api_key_revoked: 'Der API-Schlüssel wurde widerrufen. Erstellen Sie einen neuen.',
  api_key_unknown: 'Diesen API-Schlüssel hat die Firma nicht. Laden Sie die Liste neu.',
  code_wrong: 'Der Code ist nicht richtig. Codes wechseln alle 30 Sekunden.',
  confirmation_required: 'Es wurde nichts geändert: Dafür müssen Sie bestätigen, dass Sie es sind.',
  email_not_confirmed: 'Die E-Mail-Adresse wurde nie bestätigt. Öffnen Sie den Link der Einladung.',
  insufficient_aal: 'Dafür braucht die Sitzung den zweiten Faktor. Geben Sie einen Code ein.',
  link_expired: 'Der Link wurde schon benutzt oder ist zu alt. Fordern Sie einen neuen an.',
  not_signed_in: 'Ihre Sitzung ist beendet. Melden Sie sich neu an.',
  operator_role_insufficient:
    'Ihre Rolle erlaubt das nicht. Fragen Sie einen Betreiber mit der Rolle Inhaber.',
  operator_second_factor_missing:
    'Betreiber handeln nur mit einem zweiten Faktor. Richten Sie ihn ein, und melden Sie sich damit an.',
  passkey_invalid: 'Die Antwort des Geräts wurde nicht angenommen. Versuchen Sie es noch einmal.',
  passkey_refused: 'Dieser Passkey ist hier nicht bekannt. Melden Sie sich mit Ihrem Passwort an.',
  password_change_required: 'Das Passwort hat jemand anderes gesetzt. Wählen Sie zuerst ein eigenes.',
  password_common:
    'Dieses Passwort steht in Listen bekannter Passwörter oder ähnelt einem. Wählen Sie ein anderes.',
  password_wrong: 'Das Passwort ist nicht richtig.',
  refresh_token_reused: 'Ihre Sitzung wurde beendet. Melden Sie sich neu an.',
  second_factor_required: 'Geben Sie die sechs Ziffern Ihrer Authenticator-App ein.',
  sign_in_refused: 'E-Mail-Adresse, Passwort oder Code ist falsch, oder das Konto darf sich nicht anmelden.',
  single_sign_on_failed: 'Der Identitätsanbieter hat nicht gültig geantwortet. Beginnen Sie noch einmal.',
  single_sign_on_invalid:
    'Unter dieser Adresse wurde kein Identitätsanbieter gefunden. Prüfen Sie den Aussteller.',
  single_sign_on_not_set_up: 'Diese Firma hat keinen eigenen Identitätsanbieter.',
  single_sign_on_refused: 'Dieses Konto des Identitätsanbieters hat hier kein Konto und bekommt keines.',
  single_sign_on_required: 'Die Firma meldet sich mit ihren eigenen Konten an.',
  support_access_refused:
    'Die Firma gibt dem Support keinen Zugriff. Das ändert ihr Inhaber in den Einstellungen.',
  support_access_unknown:
    'Diese Anfrage gibt es nicht, oder sie ist nicht mehr offen. Laden Sie die Liste neu.',
  too_many_attempts: 'Zu viele Versuche. Warten Sie einige Minuten.',

  // Migrations
  migration_ahead:
    'Die Datenbank hat eine Migration, die diese Version nicht kennt: Eine neuere hat sie migriert. Verwenden Sie jene.',
  migration_changed: `Eine Migrationsdatei wurde nach ihrer Anwendung geändert. Stellen Sie sie wieder her. ${SERVER_SAYS}`,
  migration_failed: `Eine Anweisung der Migration schlug fehl; die Migration wurde zurückgerollt. ${SERVER_SAYS}`,
  migration_numbered_twice: 'Zwei Migrationsdateien haben dieselbe Nummer.',
  migration_unsupported: 'Die Datenbank stammt aus der Zeit vor der ersten Version. Legen Sie eine neue an.',

  // Moves
  certificate_invalid: 'Die Bescheinigung ist nicht echt oder wurde geändert. Holen Sie sie noch einmal.',
  legacy_map_invalid: `Die Zuordnung des Imports lässt sich nicht verwenden; nichts wurde behalten. ${SERVER_SAYS}`,
  move_already_under_way: 'Dieser Mandant wird schon umgezogen.',
  move_changed_meanwhile:
    'Jemand anderes hat inzwischen etwas angewiesen, oder der Umzug ist zu Ende. Sehen Sie den Stand an, und entscheiden Sie neu.',
  move_database_unreachable:
    'Quelle oder Ziel antwortet nicht. Der Umzug geht weiter, sobald sie erreichbar ist.',
  move_foreign_rows:
    'Die Quelle sandte Zeilen eines anderen Mandanten. Finden Sie heraus, warum sie auf COPY nicht die verlangten Zeilen gibt.',
  move_id_taken:
    'Die Kennung des Mandanten ist am Ziel schon vergeben oder reserviert. Geben Sie ihm dort eine andere.',
  move_interrupted:
    'Der Lauf des Umzugs wurde beendet. Ein laufender Server setzt ihn von selbst fort; sonst setzen Sie ihn fort.',
  move_lag_too_high:
    'Der Änderungsstrom kommt den Schreibzugriffen nicht nach. Stellen Sie zu einer ruhigeren Zeit um, oder erhöhen Sie lagLimitBytes.',
  move_lease_held: 'Ein anderer Prozess führt diesen Umzug aus.',
  move_not_possible: `Der Stand, die Art oder die Datenbanken des Umzugs lassen das nicht zu. ${SERVER_SAYS}`,
  move_pause_limit:
    'Die Umstellung hätte Schreibzugriffe länger angehalten als erlaubt; nichts wurde geändert. Stellen Sie um, wenn keine lange Transaktion läuft.',
  move_preflight_failed: `Die Prüfung vor der Kopie fand ein Hindernis. ${SERVER_SAYS}`,
  move_rogue_write:
    'Etwas anderes als der Umzug schrieb am Ziel Zeilen des Mandanten. Finden Sie heraus, was, und beginnen Sie neu.',
  move_route_changed:
    'Der Mandant liegt nicht dort, wo der Umzug ihn erwartet: Sein Ort wurde außerhalb geändert. Sehen Sie in sein Audit-Protokoll.',
  move_route_unreachable:
    'Die Anwendungsdatenbank war während der Umstellung nicht erreichbar. Der Umzug geht weiter, sobald sie es ist.',
  move_rows_invisible:
    'Das Login für Umzüge sieht die Zeilen des Mandanten nicht. Prüfen Sie seine Richtlinien und Rollen.',
  move_schema_changed:
    'Während des Umzugs wurde eine Tabelle geändert. Bringen Sie beide Datenbanken auf dieselbe Version, und beginnen Sie neu.',
  move_shadow_reads_differ:
    'Testabfragen ergaben am Ziel andere Zeilen als an der Quelle. Prüfen Sie Rechte, Richtlinien und Einstellungen des Ziels.',
  move_shadow_reads_slow:
    'Testabfragen dauerten am Ziel länger als erlaubt. Prüfen Sie das Ziel: ANALYZE, Einstellungen, Größe.',
  move_slot_lost:
    'Der Replikationsslot ist verloren. Beginnen Sie den Umzug neu; ein größeres max_slot_wal_keep_size hält Slots länger.',
  move_stream_failed: 'Der Änderungsstrom brach ab. Beim Fortsetzen geht er von seiner Stelle weiter.',
  move_taken_over: 'Ein anderer Prozess hat den Umzug übernommen.',
  move_unknown: 'Diesen Umzug gibt es nicht.',
  move_verification_failed:
    'Quelle und Ziel haben verschiedene Zeilen. Sehen Sie die Unterschiede an, brechen Sie ab, und beginnen Sie neu.',
  rollout_already_under_way: 'Zu dieser Datenquelle läuft schon ein Rollout.',
  rollout_invalid: `Mandanten, Wellen oder Angaben des Rollouts passen nicht zusammen. ${SERVER_SAYS}`,
  rollout_not_possible:
    'Der Rollout ist zu Ende, oder jemand anderes hat inzwischen etwas angewiesen. Sehen Sie den Stand an, und entscheiden Sie neu.',
  rollout_unknown: 'Diesen Rollout gibt es nicht.',

  // Networks and PostgreSQL
  address_refused:
    'Die Adresse führt zu dieser Maschine, in ein privates Netz oder zu einem Metadatendienst. Geben Sie eine im Internet erreichbare an, oder erlauben Sie ihr Netz.',
  network_invalid: 'Ein Netz schreibt man als 10.20.0.0/16 oder fd12:3456::/48.',
  primary_unknown:
    'Keiner der Hosts nimmt Schreibzugriffe an. Marquee folgt, sobald ein neuer Primärserver antwortet.',
  protocol_violated:
    'Was dort antwortet, spricht nicht das Protokoll von PostgreSQL. Prüfen Sie Adresse, Port und Proxy.',
  result_too_large: 'Die Antwort hat mehr Zeilen oder Bytes als erlaubt. Fragen Sie weniger ab.',
  statement_refused: 'Diese Art von Anweisung lässt sich hier nicht senden.',

  // Operations database
  customer_request_open: 'Eine solche Anfrage ist schon offen.',
  customer_request_unknown:
    'Diese Anfrage gibt es nicht, oder sie ist schon beantwortet. Laden Sie die Liste neu.',
  data_source_changed: 'Die Datenquelle wurde inzwischen geändert. Laden Sie die Seite neu.',
  data_source_in_use: `Die Datenquelle wird noch gebraucht und wurde nicht entfernt. Beenden Sie, was die Meldung nennt. ${SERVER_SAYS}`,
  data_source_invalid: `Eine Angabe zur Datenquelle ist nicht gültig. ${SERVER_SAYS}`,
  data_source_name_taken: 'Eine andere Datenquelle heißt schon so. Wählen Sie einen anderen Namen.',
  data_source_registered: 'Diese Datenbank ist schon eingetragen.',
  data_source_unknown:
    'Eine Datenquelle mit diesem Namen gibt es nicht, oder ihr fehlt, was hier gebraucht wird.',
  encryption_key_retired:
    'Der Schlüssel, mit dem dieser Prozess verschlüsseln würde, ist außer Dienst. Setzen Sie ENCRYPTION_KEY und KEY_PROVIDER wie bei den anderen Prozessen.',
  import_running: 'Für diesen Mandanten läuft schon ein Import. Warten Sie, bis er fertig ist.',
  job_ended:
    'In diesem Zustand des Auftrags geht das nicht: Ein beendeter wird nicht abgebrochen, ein laufender nicht wiederholt.',
  job_running:
    'Dieselbe Arbeit wartet oder läuft schon, vielleicht in einem anderen Prozess. Warten Sie, bis sie beendet ist.',
  job_unknown: 'Diesen Auftrag gibt es nicht, oder seine Geschichte wurde entfernt.',
  operations_database_unreachable:
    'Die Betriebsdatenbank ist nicht erreichbar. Prüfen Sie OPERATIONS_DATABASE_URL, und ob der Server läuft.',
  region_refused:
    'Die Daten des Mandanten würden die Region verlassen, in der sie bleiben müssen. Wählen Sie einen Ort in der Region, oder ändern Sie die Region des Mandanten.',
  replica_unknown: 'Dieses Replikat hat die Datenquelle nicht.',
  token_key_in_use: 'Der Schlüssel signiert gerade Token. Ersetzen Sie ihn zuerst.',
  token_key_unknown: 'Einen Schlüssel mit dieser Kennung, der Token signiert, gibt es nicht.',

  // Keys and secrets
  key_in_use:
    'Ein Geheimnis liegt noch unter diesem Schlüssel, oder ein Prozess verschlüsselt noch damit. Bringen Sie zuerst alles unter den jetzigen Schlüssel.',
  key_unknown: 'Unter einem Schlüssel dieses Namens liegt kein Geheimnis, und dieser Prozess hat ihn nicht.',
  key_unreadable_elsewhere:
    'Ein laufender Prozess kann mit dem neuen Schlüssel nicht entschlüsseln. Geben Sie ihn zuerst jedem Prozess: NEXT_ENCRYPTION_KEY.',
  secrets_unreachable:
    'Geheimnisse in einer nicht erreichbaren Datenbank konnten nicht geprüft werden. Wiederholen Sie es, wenn sie antwortet.',
  encryption_key_invalid:
    'ENCRYPTION_KEY ist nicht 32 Bytes lang. Erzeugen Sie einen mit: openssl rand -hex 32',
  envelope_malformed:
    'Ein verschlüsselter Wert hat eine unbekannte Form; vielleicht schrieb ihn eine neuere Version.',
  envelope_tampered:
    'Ein verschlüsselter Wert wurde geändert oder von woanders kopiert. Geben Sie ihn neu ein.',
  envelope_unknown_key:
    'Ein Wert ist mit einem Schlüssel verschlüsselt, der nicht eingestellt ist. Nennen Sie ihn in PREVIOUS_ENCRYPTION_KEYS.',
  key_provider_refused:
    'Der Schlüsseldienst lehnte die Anfrage ab. Prüfen Sie Schlüssel, Rechte und Adresse.',
  key_provider_unreachable: 'Der Schlüsseldienst antwortet nicht. Versuchen Sie es in einer Minute erneut.',
  token_expired: 'Das Token ist abgelaufen. Melden Sie sich neu an.',
  token_invalid: 'Das Token ist ungültig. Melden Sie sich neu an.',
  token_wrong_purpose: 'Das Token wurde für einen anderen Zweck ausgestellt. Melden Sie sich neu an.',

  // The server
  bucket_fixed: 'Der Bucket lässt sich nicht ändern.',
  bucket_not_found: 'Diesen Bucket gibt es nicht.',
  confirmation_differs:
    'Was Sie getippt haben, ist nicht der verlangte Name. Tippen Sie ihn, wie er angezeigt wird.',
  cross_site_request: 'Die Anfrage kam von der Seite einer anderen Website und wurde abgelehnt.',
  forbidden: 'Ihre Rolle erlaubt das nicht.',
  internal_error:
    'Auf dem Server ist etwas schiefgegangen. Versuchen Sie es erneut; das Protokoll des Servers nennt die Ursache.',
  key_reused: 'Diese Anfrage wurde in anderer Form schon ausgeführt. Laden Sie die Seite neu.',
  mail_not_set_up: 'Es ist kein Mailserver eingerichtet. Setzen Sie SMTP_URL.',
  message_incomplete: 'Der Vorlage fehlen Werte.',
  message_not_failed: 'Diese E-Mail ist nicht fehlgeschlagen. Laden Sie die Seite neu.',
  not_found: 'Das gibt es nicht (mehr). Laden Sie die Seite neu.',
  not_offered: 'Diesen Teil der Schnittstelle von Supabase bietet Marquee nicht an.',
  not_set_up: `Dafür ist etwas nicht eingerichtet; siehe Einstellungen. ${SERVER_SAYS}`,
  nothing_to_print: 'Es gibt nichts zu drucken.',
  object_exists: 'Eine Datei mit diesem Namen gibt es schon.',
  name_with_link: 'Der Name enthält, was wie eine Internetadresse aussieht. Geben Sie nur den Namen an.',
  object_name_invalid: 'So darf eine Datei nicht heißen.',
  object_not_found: 'Diese Datei gibt es nicht.',
  parts_failed:
    'Mindestens ein Teil ist fehlgeschlagen. Beheben Sie, was darunter steht, und beginnen Sie es dafür noch einmal.',
  own_database_refused:
    'Die Datenbank der Firma besteht den Verbindungstest nicht. Beheben Sie, was er zeigt.',
  password_unchanged: 'Das neue Passwort ist das jetzige. Wählen Sie ein anderes.',
  public_url_unknown: 'Unter dieser Adresse ist der Server nicht eingerichtet. Setzen Sie PUBLIC_URL.',
  report_signature_invalid:
    'Die Meldung des Mailanbieters ist nicht gültig signiert. Prüfen Sie MAIL_REPORT_SECRET.',
  request_in_progress:
    'Dieselbe Anfrage wird gerade ausgeführt. Warten Sie einen Moment, und sehen Sie ihr Ergebnis an.',
  request_malformed: `Eine Angabe fehlt oder hat eine falsche Form. ${SERVER_SAYS}`,
  signed_url_invalid: 'Der signierte Link ist ungültig oder abgelaufen.',
  too_many_streams: 'Zu viele Seiten sind gleichzeitig offen. Schließen Sie einige.',
  user_not_invited: 'Diese Person hat schon ein Konto.',
  webhook_paused: 'Der Webhook ist angehalten. Setzen Sie ihn zuerst fort.',

  // Cost
  budget_changed:
    'Jemand anderes hat dieses Budget inzwischen geändert. Schließen Sie den Dialog, und sehen Sie es sich neu an.',
  bill_invalid: `Betrag, Währung, Monat oder Ort der Rechnung ist nicht gültig. ${SERVER_SAYS}`,
  bill_unknown: 'Diese Rechnung gibt es nicht. Laden Sie die Seite neu.',
  cost_settings_invalid: `Ein Gewicht, eine Kapazität oder ein Aufschlag liegt außerhalb des Erlaubten. ${SERVER_SAYS}`,
  usage_period_invalid:
    'Der Zeitraum ist keiner, ist zu lang für seine Schritte, oder reicht weiter zurück, als aufbewahrt wird.',
};
