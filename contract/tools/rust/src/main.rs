//! Reads vectors with the generated types.

typify::import_types!("generated/schema.json");

fn main() {
    let file = std::env::args().nth(1).expect("the file of the vectors");
    let data = std::fs::read(file).expect("a file");
    let vectors: Vec<serde_json::Value> = serde_json::from_slice(&data).expect("an array");
    for vector in vectors {
        let Ok(info) = serde_json::from_value::<GuestCustomizationInfo>(vector.clone()) else {
            println!("{vector}");
            continue;
        };
        let times = [info.start_time, info.end_time].map(|time| time.and_then(|time| time.0));
        let _: [Option<chrono::DateTime<chrono::Utc>>; 2] = times;
    }
    use GuestCustomizationInfoStatus::*;
    println!(
        "{}",
        [Idle, Pending, Running, Succeeded, Failed]
            .map(|status| status.to_string())
            .join(" ")
    );
}
