territory-synthetic-east = Вымышленный Восток
territory-synthetic-north = Вымышленный Север
territory-synthetic-south = Вымышленный Юг
territory-synthetic-west = Вымышленный Запад
