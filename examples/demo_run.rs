//! Temporary.
#![allow(missing_docs, clippy::print_stdout)]
#[tokio::main]
async fn main() {
    let a: Vec<String> = std::env::args().collect();
    let o = qonys::demo::Options {
        dir: a[1].clone().into(),
        seed: a[2].parse().unwrap(),
    };
    let t = std::time::Instant::now();
    match qonys::demo::run(&o).await {
        Ok(f) => {
            println!("{}", f.told);
            println!("{f:?} blocked {} in {:?}", f.blocked, t.elapsed());
        }
        Err(e) => {
            println!("ERROR {e}");
        }
    }
}
