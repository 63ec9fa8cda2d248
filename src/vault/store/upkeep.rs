//! What keeps the tables in order: what is swept, settled, replaced, destroyed.

/// For one database; see [`super::tables`].
macro_rules! upkeep {
    ($tables:ident, $connection:ty, $row:ty, $begin:literal, $shared:expr, $exclusive:expr) => {
        impl $tables {
            /// Keys that were made together and have not been looked through.
            pub(super) async fn mintings(&self, age: i64) -> Result<Vec<Minting>, VaultError> {
                let rows: Vec<$row> = sqlx::query(&self.sql.mintings)
                    .bind(age)
                    .fetch_all(&self.readers)
                    .await
                    .map_err(unavailable)?;
                let read = rows.iter().map(|row| {
                    let owners = serde_json::from_str(row.get(1)).map_err(unavailable)?;
                    Ok(Minting {
                        id: row.get(0),
                        owners,
                    })
                });
                read.collect()
            }

            /// See [`super::Store::swept`].
            pub(super) async fn swept(
                &self,
                minting: &Minting,
                unused: &[Owner],
                age: i64,
            ) -> Result<(), VaultError> {
                let mut connection = self.writers.acquire().await.map_err(unavailable)?;
                let mut tx = connection.begin_with($begin).await.map_err(unavailable)?;
                Self::run(&mut tx, $shared).await?;
                let subjects: Vec<[String; 1]> = unused
                    .iter()
                    .map(|(subject, _)| [subject.to_string()])
                    .collect();
                let abandon = sqlx::query(&self.sql.abandon_blind);
                let abandon = abandon.bind(json(&subjects)?).bind(age);
                abandon.execute(&mut *tx).await.map_err(unavailable)?;
                let delete = sqlx::query(&self.sql.delete_keys).bind(json(unused)?);
                delete.execute(&mut *tx).await.map_err(unavailable)?;
                // Who claimed one of them a moment ago keeps it: it is looked at again the next time.
                if self.select(&mut tx, unused).await?.is_empty() {
                    let forget = sqlx::query(&self.sql.delete_minting).bind(minting.id);
                    forget.execute(&mut *tx).await.map_err(unavailable)?;
                }
                tx.commit().await.map_err(unavailable)
            }

            /// See [`super::Store::destroy`].
            pub(super) async fn destroy(
                &self,
                subjects: &[(Ref, Position)],
            ) -> Result<u64, VaultError> {
                let list: Vec<[String; 2]> = subjects
                    .iter()
                    .map(|(subject, position)| [subject.to_string(), position.0.to_string()])
                    .collect();
                let list = json(&list)?;
                let mut connection = self.writers.acquire().await.map_err(unavailable)?;
                let mut tx = connection.begin_with($begin).await.map_err(unavailable)?;
                Self::run(&mut tx, $shared).await?;
                let fence = sqlx::query(&self.sql.insert_fence).bind(&list);
                fence.execute(&mut *tx).await.map_err(unavailable)?;
                let mut destroyed = 0;
                for statement in [&self.sql.destroy_blind, &self.sql.destroy_keys] {
                    let done = sqlx::query(statement).bind(&list).execute(&mut *tx).await;
                    destroyed = done.map_err(unavailable)?.rows_affected();
                }
                tx.commit().await.map_err(unavailable)?;
                Ok(destroyed)
            }

            /// Every subject whose data are destroyed.
            pub(super) async fn fence(&self) -> Result<Vec<(Ref, Position)>, VaultError> {
                let rows: Vec<$row> = sqlx::query(&self.sql.fence)
                    .fetch_all(&self.readers)
                    .await
                    .map_err(unavailable)?;
                let rows = rows.iter().map(|row| {
                    let position: i64 = row.get(1);
                    Ok((parsed(row.get(0))?, Position(position.unsigned_abs())))
                });
                rows.collect()
            }

            /// See [`super::Store::unsettled`].
            pub(super) async fn unsettled(
                &self,
                age: i64,
                limit: i64,
            ) -> Result<Vec<(Ref, Ref)>, VaultError> {
                let rows: Vec<$row> = sqlx::query(&self.sql.unsettled_blind)
                    .bind(age)
                    .bind(limit)
                    .fetch_all(&self.readers)
                    .await
                    .map_err(unavailable)?;
                let rows = rows.iter();
                rows.map(|row| Ok((parsed(row.get(0))?, parsed(row.get(1))?)))
                    .collect()
            }

            /// See [`super::Store::settle`].
            pub(super) async fn settle(&self, brought: &[(Ref, Ref)]) -> Result<(), VaultError> {
                let settle = sqlx::query(&self.sql.settle_blind).bind(json(brought)?);
                settle
                    .execute(&self.writers)
                    .await
                    .map(drop)
                    .map_err(unavailable)
            }

            /// See [`super::Store::abandon`].
            pub(super) async fn abandon(
                &self,
                subjects: &[Ref],
                age: i64,
            ) -> Result<(), VaultError> {
                let subjects: Vec<[Ref; 1]> = subjects.iter().map(|subject| [*subject]).collect();
                let abandon = sqlx::query(&self.sql.abandon_blind);
                let abandon = abandon.bind(json(&subjects)?).bind(age);
                abandon
                    .execute(&self.writers)
                    .await
                    .map(drop)
                    .map_err(unavailable)
            }

            /// See [`super::Store::replace`].
            pub(super) async fn replace(
                &self,
                subject: Ref,
                command: Ref,
                claim: Claim,
                epoch: Epoch,
            ) -> Result<(), VaultError> {
                let mut connection = self.writers.acquire().await.map_err(unavailable)?;
                let mut tx = connection.begin_with($begin).await.map_err(unavailable)?;
                Self::run(&mut tx, $shared).await?;
                let forget = sqlx::query(&self.sql.forget_blind);
                let forget = forget.bind(subject.to_string()).bind(command.to_string());
                forget.execute(&mut *tx).await.map_err(unavailable)?;
                let rows: Vec<[String; 6]> = rows_of(&claim).collect();
                let insert = sqlx::query(&self.sql.insert_blind);
                let insert = insert.bind(json(&rows)?).bind(i64::from(epoch));
                insert.execute(&mut *tx).await.map_err(unavailable)?;
                let settle = sqlx::query(&self.sql.settle_blind);
                let settle = settle.bind(json(&[(subject, command)])?);
                settle.execute(&mut *tx).await.map_err(unavailable)?;
                tx.commit().await.map_err(unavailable)
            }
        }
    };
}
pub(super) use upkeep;
