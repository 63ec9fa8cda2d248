//! What the epochs of the key-encryption key need of the tables.

/// For one database; see [`super::tables`].
macro_rules! epochs {
    ($tables:ident, $connection:ty, $row:ty, $begin:literal, $shared:expr, $exclusive:expr) => {
        /// What the rolling of an epoch asks for (`rolling.rs`).
        impl $tables {
            /// The last epoch; none in a new vault.
            pub(in crate::vault) async fn last_epoch(
                &self,
            ) -> Result<Option<LastEpoch>, VaultError> {
                let row: Option<$row> = sqlx::query(&self.sql.last_epoch)
                    .fetch_optional(&self.readers)
                    .await
                    .map_err(unavailable)?;
                let row = row.map(|row| {
                    Ok(LastEpoch {
                        epoch: epoch_of(row.get(0))?,
                        provider: row.get(1),
                        origin: row.get(2),
                        probe: row.get(3),
                    })
                });
                row.transpose()
            }

            /// Under the lock that nobody shares: makes the next epoch with what `make` gives for its number, if the last one
            /// is still `last`.
            pub(in crate::vault) async fn advance(
                &self,
                last: Option<Epoch>,
                make: impl AsyncFnOnce() -> Result<(LastEpoch, Vec<u8>), VaultError>,
            ) -> Result<bool, VaultError> {
                let mut connection = self.writers.acquire().await.map_err(unavailable)?;
                let mut tx = connection.begin_with($begin).await.map_err(unavailable)?;
                Self::run(&mut tx, $exclusive).await?;
                let found: Option<i64> = sqlx::query_scalar(&self.sql.epoch)
                    .fetch_optional(&mut *tx)
                    .await
                    .map_err(unavailable)?;
                if found != last.map(i64::from) {
                    return Ok(false);
                }
                let (new, pepper) = make().await?;
                let insert = sqlx::query(&self.sql.insert_epoch)
                    .bind(i64::from(new.epoch))
                    .bind(new.provider)
                    .bind(new.origin)
                    .bind(new.probe);
                insert.execute(&mut *tx).await.map_err(unavailable)?;
                let insert = sqlx::query(&self.sql.insert_pepper);
                let insert = insert.bind(i64::from(new.epoch)).bind(pepper);
                insert.execute(&mut *tx).await.map_err(unavailable)?;
                tx.commit().await.map_err(unavailable)?;
                Ok(true)
            }

            /// A pepper for an epoch that has none, as in a vault of an older version.
            pub(in crate::vault) async fn add_pepper(
                &self,
                epoch: Epoch,
                wrapped: Vec<u8>,
            ) -> Result<(), VaultError> {
                let insert = sqlx::query(&self.sql.insert_pepper);
                let insert = insert.bind(i64::from(epoch)).bind(wrapped);
                insert
                    .execute(&self.writers)
                    .await
                    .map(drop)
                    .map_err(unavailable)
            }

            /// The wrapped peppers, the newest first.
            pub(in crate::vault) async fn peppers(
                &self,
            ) -> Result<Vec<(Epoch, Vec<u8>)>, VaultError> {
                let rows: Vec<$row> = sqlx::query(&self.sql.peppers)
                    .fetch_all(&self.readers)
                    .await
                    .map_err(unavailable)?;
                let rows = rows.iter();
                rows.map(|row| Ok((epoch_of(row.get(0))?, row.get(1))))
                    .collect()
            }

            /// Keys of older epochs, after an owner, in order.
            pub(in crate::vault) async fn older_keys(
                &self,
                (subject, category): (String, String),
                epoch: Epoch,
                limit: i64,
            ) -> Result<Vec<(Owner, Wrapped)>, VaultError> {
                let rows: Vec<$row> = sqlx::query(&self.sql.older_keys)
                    .bind(subject)
                    .bind(category)
                    .bind(i64::from(epoch))
                    .bind(limit)
                    .fetch_all(&self.readers)
                    .await
                    .map_err(unavailable)?;
                let keys = rows.into_iter().map(|row| {
                    let owner = (parsed(row.get(0))?, parsed(row.get(1))?);
                    let (epoch, bytes) = (epoch_of(row.get(2))?, row.get(3));
                    Ok((owner, Wrapped { epoch, bytes }))
                });
                keys.collect()
            }

            /// Keys that were wrapped again; one that is gone stays so.
            pub(in crate::vault) async fn rewrap(
                &self,
                keys: &[(Owner, Vec<u8>)],
                epoch: Epoch,
            ) -> Result<(), VaultError> {
                let rows: Vec<(String, String, String)> = keys
                    .iter()
                    .map(|((subject, category), bytes)| {
                        (subject.to_string(), category.to_string(), hex(bytes))
                    })
                    .collect();
                let update = sqlx::query(&self.sql.rewrap_keys);
                let update = update.bind(json(&rows)?).bind(i64::from(epoch));
                update
                    .execute(&self.writers)
                    .await
                    .map(drop)
                    .map_err(unavailable)
            }

            /// Rows of the blind index under older peppers.
            pub(in crate::vault) async fn older_blind(
                &self,
                epoch: Epoch,
                limit: i64,
            ) -> Result<Vec<Row>, VaultError> {
                let rows: Vec<$row> = sqlx::query(&self.sql.older_blind)
                    .bind(i64::from(epoch))
                    .bind(limit)
                    .fetch_all(&self.readers)
                    .await
                    .map_err(unavailable)?;
                let rows = rows.into_iter().map(|row| {
                    Ok(Row {
                        name: row.get(0),
                        value: row.get(1),
                        place: row.get(2),
                        subject: parsed(row.get(3))?,
                        sealed: row.get(4),
                    })
                });
                rows.collect()
            }

            /// Rows under their new hashes; those that no key opens any more are dropped.
            pub(in crate::vault) async fn rename(
                &self,
                renamed: &[(Row, Vec<u8>)],
                dropped: &[Row],
                epoch: Epoch,
            ) -> Result<(), VaultError> {
                let place = |row: &Row| (row.name.clone(), hex(&row.value), row.place.clone());
                let rows: Vec<(String, String, String, String)> = renamed
                    .iter()
                    .map(|(row, value)| {
                        let (name, old, place) = place(row);
                        (name, old, place, hex(value))
                    })
                    .collect();
                let update = sqlx::query(&self.sql.rename_blind);
                let update = update.bind(json(&rows)?).bind(i64::from(epoch));
                update.execute(&self.writers).await.map_err(unavailable)?;
                let rows: Vec<(String, String, String)> = dropped.iter().map(place).collect();
                let delete = sqlx::query(&self.sql.drop_blind).bind(json(&rows)?);
                delete
                    .execute(&self.writers)
                    .await
                    .map(drop)
                    .map_err(unavailable)
            }

            /// Under the lock that nobody shares: forgets every epoch before this one, after `end` has destroyed their keys.
            /// False while something is still wrapped in one of them.
            pub(in crate::vault) async fn finish(
                &self,
                epoch: Epoch,
                end: impl AsyncFnOnce() -> Result<(), VaultError>,
            ) -> Result<bool, VaultError> {
                let mut connection = self.writers.acquire().await.map_err(unavailable)?;
                let mut tx = connection.begin_with($begin).await.map_err(unavailable)?;
                Self::run(&mut tx, $exclusive).await?;
                let left: i64 = sqlx::query_scalar(&self.sql.unfinished)
                    .bind(i64::from(epoch))
                    .fetch_one(&mut *tx)
                    .await
                    .map_err(unavailable)?;
                if left > 0 {
                    return Ok(false);
                }
                for statement in [&self.sql.end_peppers, &self.sql.end_epochs] {
                    let done = sqlx::query(statement)
                        .bind(i64::from(epoch))
                        .execute(&mut *tx)
                        .await;
                    done.map_err(unavailable)?;
                }
                end().await?;
                tx.commit().await.map_err(unavailable)?;
                Ok(true)
            }
        }
    };
}
pub(super) use epochs;
