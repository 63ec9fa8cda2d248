territory-synthetic-east = Ойдан шығарылған Шығыс
territory-synthetic-north = Ойдан шығарылған Солтүстік
territory-synthetic-south = Ойдан шығарылған Оңтүстік
territory-synthetic-west = Ойдан шығарылған Батыс
